package org.barnraiser.trust.reach;

import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.reach.Village.House;
import org.barnraiser.trust.reach.Village.Relay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Members that nobody can dial, and how they are reached all the same. */
class ReachTest {
    private static final String MARKER = "a heron stands in the reeds and waits";
    private static final String LINE = "attic~1";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final Village village = new Village();
    private Authority authority;

    @BeforeEach
    void makeCluster() throws TrustException {
        authority = Authority.openOrCreate(folder, InstantSource.system());
    }

    @AfterEach
    void closeAll() throws Exception {
        village.close();
    }

    private Links member(Role role, String id) throws TrustException {
        return new SecureLinks(authority.credentials(new Identity(role, id), Duration.ofDays(1)));
    }

    private ManagedChannel channel(Links from, String address) {
        ManagedChannel channel = Village.channel(from, address);
        village.own(channel::shutdownNow);
        return channel;
    }

    /** A call that was under way when its connection broke fails, as it does with any connection. */
    private static void awaitAnswer(ManagedChannel channel) {
        await().atMost(PATIENCE).ignoreExceptions()
                .untilAsserted(() -> assertThat(Village.ask(channel, MARKER)).isEqualTo(MARKER));
    }

    @Test
    void two_that_cannot_be_dialled_meet_at_a_relay_which_sees_sealed_bytes_alone() throws Exception {
        Relay relay = village.relay(member(Role.RELAY, "tower"), 0);
        village.own(village.house(member(Role.WORKER, "attic"), relay).waitAs(LINE));
        ReachingLinks cellar = village.house(member(Role.WORKER, "cellar"), relay).reaching(false);

        assertThat(Village.ask(channel(cellar, "+" + LINE), MARKER)).isEqualTo(MARKER);

        assertThat(cellar.wayTo("+" + LINE)).isEqualTo(Way.relayed(relay.address()));
        assertThat(relay.seen()).as("all went through it").hasSizeGreaterThan(2 * MARKER.length())
                .doesNotContain(MARKER);
    }

    @Test
    void without_certificates_a_relay_sees_everything() throws Exception {
        Relay relay = village.relay(Links.PLAIN, 0);
        village.own(village.house(Links.PLAIN, relay).waitAs(LINE));
        ReachingLinks cellar = village.house(Links.PLAIN, relay).reaching(false);

        assertThat(Village.ask(channel(cellar, "+" + LINE), MARKER)).isEqualTo(MARKER);

        assertThat(relay.seen()).contains(MARKER);
    }

    @Test
    void one_that_can_be_dialled_is_dialled_by_the_other_and_no_relay_carries_a_byte() throws Exception {
        Relay relay = village.relay(member(Role.RELAY, "tower"), 0);
        village.own(village.house(member(Role.WORKER, "attic"), relay).waitAs(LINE));
        ReachingLinks cellar = village.house(member(Role.WORKER, "cellar"), relay).reaching(true);

        assertThat(Village.ask(channel(cellar, "+" + LINE), MARKER)).isEqualTo(MARKER);

        assertThat(cellar.wayTo("+" + LINE)).isEqualTo(Way.REVERSED);
        assertThat(relay.seen()).isEmpty();
    }

    @Test
    void whoever_keeps_the_line_needs_no_other_relay() throws Exception {
        Links hall = member(Role.COORDINATOR, "hall");
        Relay relay = village.relay(hall, 0);
        village.own(village.house(member(Role.WORKER, "attic"), relay).waitAs(LINE));
        var reaching = new ReachingLinks(hall, relay.service, java.util.Optional::empty, java.util.List::of);

        assertThat(Village.ask(channel(reaching, "+" + LINE), MARKER)).isEqualTo(MARKER);

        assertThat(reaching.wayTo("+" + LINE)).isEqualTo(Way.REVERSED);
    }

    @Test
    void whoever_can_be_dialled_is_dialled_and_a_relay_helps_when_that_ends() throws Exception {
        Relay relay = village.relay(Links.PLAIN, 0);
        House attic = village.house(Links.PLAIN, relay);
        village.own(attic.waitAs(LINE));
        House front = village.house(Links.PLAIN);
        ReachingLinks cellar = village.house(Links.PLAIN, relay).reaching(false);
        String address = front.address() + "+" + LINE;
        ManagedChannel channel = channel(cellar, address);

        assertThat(Village.ask(channel, MARKER)).isEqualTo(MARKER);
        assertThat(cellar.wayTo(address)).isEqualTo(Way.DIRECT);
        assertThat(relay.seen()).isEmpty();

        front.close();
        awaitAnswer(channel);
        assertThat(cellar.wayTo(address)).isEqualTo(Way.relayed(relay.address()));
    }

    @Test
    void a_relay_that_is_gone_is_done_without_and_used_again_when_it_is_back() throws Exception {
        Relay first = village.relay(member(Role.RELAY, "tower"), 0);
        Relay second = village.relay(member(Role.RELAY, "mill"), 0);
        Waiting waiting = village.own(village.house(member(Role.WORKER, "attic"), first, second).waitAs(LINE));
        ReachingLinks cellar = village.house(member(Role.WORKER, "cellar"), first, second).reaching(false);
        await().atMost(PATIENCE).until(() -> first.service.hasLine(LINE) && second.service.hasLine(LINE));
        ManagedChannel channel = channel(cellar, "+" + LINE);
        assertThat(Village.ask(channel, MARKER)).isEqualTo(MARKER);
        assertThat(cellar.wayTo("+" + LINE)).isEqualTo(Way.relayed(first.address()));

        first.close();
        awaitAnswer(channel);
        assertThat(cellar.wayTo("+" + LINE)).isEqualTo(Way.relayed(second.address()));

        Relay again = village.relay(member(Role.RELAY, "tower"), first.port());
        await().atMost(PATIENCE).until(() -> again.service.hasLine(LINE));
        assertThat(Village.ask(channel(cellar, "+" + LINE), MARKER)).isEqualTo(MARKER);
        assertThat(again.seen()).isNotEmpty();
        waiting.close();
        await().atMost(PATIENCE).until(() -> !again.service.hasLine(LINE));
    }

    @Test
    void large_messages_pass_in_both_directions_at_once() throws Exception {
        Relay relay = village.relay(Links.PLAIN, 0);
        village.own(village.house(Links.PLAIN, relay).waitAs(LINE));
        ManagedChannel channel = channel(village.house(Links.PLAIN, relay).reaching(false), "+" + LINE);
        String large = MARKER.repeat(300_000);

        assertThat(java.util.stream.IntStream.range(0, 4).parallel().mapToObj(_ -> Village.ask(channel, large)))
                .allMatch(large::equals);
    }
}
