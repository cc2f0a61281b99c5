package org.barnraiser.trust;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.proto.Beat;
import org.barnraiser.trust.reach.ReachService;
import org.barnraiser.trust.reach.ReachingLinks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Who gets through, and who does not; whoever is refused, the others go on. */
class SecureLinksTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int ALERT = 21;
    private static final int SOCKET_MILLIS = 30_000;

    @TempDir
    private Path folder;

    private Authority authority;
    private SecureLinks server;
    private SecureLinks attic;

    @BeforeEach
    void makeCluster() throws TrustException {
        authority = Authority.openOrCreate(folder.resolve("ours"), InstantSource.system());
        server = member(authority, Role.COORDINATOR, "hall");
        attic = member(authority, Role.WORKER, "attic");
    }

    private static SecureLinks member(Authority authority, Role role, String id) throws TrustException {
        return new SecureLinks(authority.credentials(new Identity(role, id), DAY));
    }

    @Test
    void members_reach_each_other_and_know_who_calls() throws Exception {
        try (Party party = Party.of(server)) {
            assertThat(party.ask(attic)).isEqualTo("worker attic");
            assertThat(party.ask(server)).isEqualTo("coordinator hall");
        }
    }

    @Test
    void members_reach_each_other_by_the_addresses_of_IPv6_too() throws Exception {
        assumeTrue(hasIpv6(), "this machine has no IPv6");
        try (Party plain = Party.at("::1", Links.PLAIN); Party party = Party.at("::1", server)) {
            assertThat(plain.address()).startsWith("[::1]:");
            assertThat(plain.ask(Links.PLAIN)).isEqualTo("nobody");
            assertThat(party.ask(attic)).isEqualTo("worker attic");
            Links reaching = new ReachingLinks(attic, ReachService.member(), Optional::empty, List::of);
            ManagedChannel channel = reaching.to(party.address() + "+hall~1", Set.of(Role.COORDINATOR), _ -> {});
            try {
                assertThat(Party.ask(channel)).isEqualTo("worker attic");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static boolean hasIpv6() {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
            return socket.isBound();
        } catch (IOException _) {
            return false;
        }
    }

    @Test
    void a_plaintext_client_is_refused() throws Exception {
        try (Party party = Party.of(server)) {
            assertRefused(() -> party.ask(Links.PLAIN));
            assertThat(party.ask(attic)).isEqualTo("worker attic");
        }
    }

    @Test
    void a_member_does_not_fall_back_to_a_plaintext_server() throws Exception {
        try (Party party = Party.of(Links.PLAIN)) {
            assertRefused(() -> party.ask(attic));
        }
    }

    @Test
    void a_client_without_a_certificate_is_refused() throws Exception {
        try (Party party = Party.of(server)) {
            ManagedChannel channel = NettyChannelBuilder.forTarget("dns:///" + party.address())
                    .sslContext(GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                            .trustManager(new FirstContact(Fingerprint.of(authority.certificate()))).build())
                    .build();
            try {
                assertRefused(() -> Party.ask(channel));
            } finally {
                channel.shutdownNow();
            }
            assertThat(party.ask(attic)).isEqualTo("worker attic");
        }
    }

    @Test
    void a_member_of_another_cluster_is_refused_on_either_side() throws Exception {
        Authority theirs = Authority.openOrCreate(folder.resolve("theirs"), InstantSource.system());
        SecureLinks stranger = member(theirs, Role.WORKER, "attic");
        try (Party party = Party.of(server); Party strange = Party.of(stranger)) {
            assertRefused(() -> party.ask(stranger));
            assertRefused(() -> strange.ask(attic));
            assertThat(party.ask(attic)).isEqualTo("worker attic");
        }
    }

    @Test
    void a_certificate_that_has_ended_is_refused() throws Exception {
        Authority before = Authority.open(folder.resolve("ours"), () -> Instant.now().minus(DAY.multipliedBy(3)))
                .orElseThrow();
        SecureLinks ended = member(before, Role.WORKER, "attic");
        try (Party party = Party.of(server)) {
            assertRefused(() -> party.ask(ended));
        }
    }

    /** A hello of that version and nothing newer, with the cipher suites of its time. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void an_older_tls_is_refused(int minorVersion) throws Exception {
        byte[] hello = new byte[5 + 4 + 2 + 32 + 1 + 4 + 2];
        byte[] start = {22, 3, (byte) Math.min(1, minorVersion), 0, (byte) (hello.length - 5), 1, 0, 0,
                (byte) (hello.length - 9), 3, (byte) minorVersion};
        byte[] end = {0, 0, 2, (byte) 0xc0, (byte) (minorVersion == 3 ? 0x2b : 0x09), 1, 0};
        System.arraycopy(start, 0, hello, 0, start.length);
        System.arraycopy(end, 0, hello, hello.length - end.length, end.length);
        try (Party party = Party.of(server)) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), party.port())) {
                socket.setSoTimeout(SOCKET_MILLIS);
                socket.getOutputStream().write(hello);
                InputStream answer = socket.getInputStream();
                assertThat(answer.read()).as("an alert, or the end").isIn(ALERT, -1);
                answer.readAllBytes();
            }
            assertThat(party.ask(attic)).isEqualTo("worker attic");
        }
    }

    @Test
    void a_removed_member_loses_its_calls_in_both_directions_and_makes_no_more() throws Exception {
        SecureLinks cellar = member(authority, Role.WORKER, "cellar");
        try (Party party = Party.of(server); Party atCellar = Party.of(cellar)) {
            ManagedChannel in = party.channel(cellar);
            ManagedChannel out = atCellar.channel(server);
            ManagedChannel others = party.channel(attic);
            try {
                Iterator<Beat> incoming = Party.listen(in);
                Iterator<Beat> outgoing = Party.listen(out);
                Iterator<Beat> unharmed = Party.listen(others);
                assertThat(authority.revoke("cellar")).isTrue();
                assertThat(server.revocations().accept(authority.revocations().orElseThrow())).isTrue();
                assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(incoming::hasNext)
                        .matches(e -> e.getStatus().getCode() == Status.Code.PERMISSION_DENIED);
                assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(outgoing::hasNext)
                        .matches(e -> e.getStatus().getCode() == Status.Code.CANCELLED);
                assertRefused(() -> Party.ask(in)); // by the connection that is there
                assertRefused(() -> party.ask(cellar));
                assertRefused(() -> Party.ask(out));
                assertThat(Party.ask(others)).isEqualTo("worker attic");
                assertThat(unharmed).isNotNull();
            } finally {
                in.shutdownNow();
                out.shutdownNow();
                others.shutdownNow();
            }
        }
    }

    @Test
    void a_renewed_certificate_is_shown_to_new_connections_while_calls_go_on() throws Exception {
        try (Party party = Party.of(server)) {
            ManagedChannel channel = party.channel(attic);
            try {
                assertThat(Party.ask(channel)).isEqualTo("worker attic");
                attic.renew(authority.credentials(new Identity(Role.WORKER, "attic"), DAY));
                server.renew(authority.credentials(new Identity(Role.COORDINATOR, "hall"), DAY));
                assertThat(Party.ask(channel)).as("by the connection that is there").isEqualTo("worker attic");
                assertThat(party.ask(attic)).isEqualTo("worker attic");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void nobody_answers_in_the_name_of_another() throws Exception {
        try (Party party = Party.of(attic)) {
            ManagedChannel channel = party.channel(server);
            try {
                assertThat(Party.ask(server.expecting("attic", channel)))
                        .isEqualTo("coordinator hall");
                assertThatExceptionOfType(StatusRuntimeException.class)
                        .isThrownBy(() -> Party.ask(server.expecting("desk", channel)))
                        .withMessageContaining("worker attic answers in the name of desk");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static void assertRefused(Runnable call) {
        assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(call::run)
                .matches(e -> e.getStatus().getCode() == Status.Code.UNAVAILABLE
                        || e.getStatus().getCode() == Status.Code.PERMISSION_DENIED
                        || e.getStatus().getCode() == Status.Code.UNAUTHENTICATED, "is refused");
    }
}
