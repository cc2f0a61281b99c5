package org.barnraiser.trust.reach;

import io.grpc.ManagedChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.reach.Village.House;
import org.barnraiser.trust.reach.Village.Relay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A better way to a member than the one that a connection has taken. */
class BetterWayTest {
    private static final String LINE = "attic~1";
    private static final String WORD = "heron";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Village village = new Village();

    @AfterEach
    void closeAll() {
        village.close();
    }

    private ManagedChannel connected(Links from, String address) {
        ManagedChannel channel = Village.channel(from, address);
        village.own(channel::shutdownNow);
        assertThat(Village.ask(channel, WORD)).isEqualTo(WORD);
        return channel;
    }

    private ManagedChannel awaitBetter(Links from, ManagedChannel than, String address) {
        Optional<ManagedChannel> better = await().atMost(PATIENCE)
                .until(() -> Village.better(from, than, address), Optional::isPresent);
        village.own(better.orElseThrow()::shutdownNow);
        return better.orElseThrow();
    }

    /** Both connections work; when the old one is closed, the way is the new one's. */
    private static void assertMoved(ReachingLinks from, ManagedChannel old, ManagedChannel better, String address,
            Way way) {
        assertThat(Village.ask(old, WORD)).isEqualTo(WORD);
        assertThat(Village.ask(better, WORD)).isEqualTo(WORD);
        old.shutdownNow();
        await().atMost(PATIENCE).until(() -> from.wayTo(address), way::equals);
        assertThat(Village.ask(better, WORD)).isEqualTo(WORD);
    }

    @Test
    void whoever_can_be_dialled_after_all_is_dialled_by_the_other() throws Exception {
        Relay relay = village.relay(Links.PLAIN, 0);
        village.own(village.house(Links.PLAIN, relay).waitAs(LINE));
        var open = new AtomicBoolean();
        ReachingLinks cellar = village.house(Links.PLAIN, relay).reaching(open::get);
        ManagedChannel relayed = connected(cellar, "+" + LINE);

        assertThat(Village.better(cellar, relayed, "+" + LINE)).as("nothing has changed").isEmpty();
        open.set(true);

        assertMoved(cellar, relayed, awaitBetter(cellar, relayed, "+" + LINE), "+" + LINE, Way.REVERSED);
    }

    @Test
    void a_member_that_can_be_dialled_after_all_is_dialled() throws Exception {
        Relay relay = village.relay(Links.PLAIN, 0);
        village.own(village.house(Links.PLAIN, relay).waitAs(LINE));
        int port = freePort();
        ReachingLinks cellar = village.house(Links.PLAIN, relay).reaching(false);
        String address = "127.0.0.1:" + port + "+" + LINE;
        ManagedChannel relayed = connected(cellar, address);
        assertThat(cellar.wayTo(address)).isEqualTo(Way.relayed(relay.address()));

        House _ = village.houseAt(Links.PLAIN, port);

        assertMoved(cellar, relayed, awaitBetter(cellar, relayed, address), address, Way.DIRECT);
    }

    @Test
    void a_relay_that_is_asked_first_is_better_than_the_next() throws Exception {
        Relay first = village.relay(Links.PLAIN, 0);
        Relay second = village.relay(Links.PLAIN, 0);
        village.own(village.house(Links.PLAIN, first, second).waitAs(LINE));
        ReachingLinks cellar = village.house(Links.PLAIN, first, second).reaching(false);
        await().atMost(PATIENCE).until(() -> second.service.hasLine(LINE));
        first.close();
        ManagedChannel relayed = connected(cellar, "+" + LINE);
        assertThat(cellar.wayTo("+" + LINE)).isEqualTo(Way.relayed(second.address()));

        assertThat(Village.better(cellar, relayed, "+" + LINE)).as("the first is still gone").isEmpty();
        Relay again = village.relay(Links.PLAIN, first.port());
        await().atMost(PATIENCE).until(() -> again.service.hasLine(LINE));

        assertMoved(cellar, relayed, awaitBetter(cellar, relayed, "+" + LINE), "+" + LINE,
                Way.relayed(again.address()));
    }

    @Test
    void nothing_is_better_than_what_nobody_else_carries() throws Exception {
        Relay relay = village.relay(Links.PLAIN, 0);
        House attic = village.house(Links.PLAIN, relay);
        village.own(attic.waitAs(LINE));
        ReachingLinks cellar = village.house(Links.PLAIN, relay).reaching(true);
        ManagedChannel reversed = connected(cellar, "+" + LINE);

        assertThat(Village.better(cellar, reversed, attic.address() + "+" + LINE)).isEmpty();
        assertThat(cellar.wayTo("+" + LINE)).isEqualTo(Way.REVERSED);
        assertThat(Village.better(Links.PLAIN, connected(Links.PLAIN, attic.address()), attic.address())).isEmpty();
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
