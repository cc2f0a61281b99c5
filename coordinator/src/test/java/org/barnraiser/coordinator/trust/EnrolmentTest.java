package org.barnraiser.coordinator.trust;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.proto.EnrolmentGrpc;
import org.barnraiser.proto.RenewRequest;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Enrolling;
import org.barnraiser.trust.Fingerprint;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Invitation;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Membership;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.StandingKey;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.UnreachableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** How machines come into a cluster, and how they do not. */
class EnrolmentTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final String STANDING_TEXT = Invitation.newSecret();

    @TempDir
    private Path data;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private ClusterTrust trust;
    private Server server;
    private StandingKey standing;

    @BeforeEach
    void start() throws Exception {
        log.start();
        ((Logger) LoggerFactory.getLogger("org.barnraiser")).addAppender(log);
        Path given = Files.createDirectories(data.resolve("given"));
        Path authority = Files.writeString(given.resolve("authority.pem"),
                Authority.newPem(InstantSource.system()));
        Path key = Files.writeString(given.resolve("key"), STANDING_TEXT + "\n");
        standing = StandingKey.read(key);
        trust = ClusterTrust.in(data, new ClusterTrust.Given(Optional.empty(), Optional.of(authority), Optional.of(key),
                DAY));
        server = trust.server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(trust.enrolment("hall:2181").orElseThrow()).build().start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
        trust.close();
        ((Logger) LoggerFactory.getLogger("org.barnraiser")).detachAppender(log);
    }

    private Invitations invitations(InstantSource clock) {
        return new Invitations(ClusterTrust.folder(data), clock);
    }

    private Invitation invitation() throws TrustException {
        return with(invitations(InstantSource.system()).create(Role.WORKER, DAY));
    }

    private Invitation with(String secret) {
        return new Invitation("127.0.0.1:" + server.getPort(), trust.fingerprint().orElseThrow(), secret);
    }

    private static Membership join(Invitation invitation, String name) throws TrustException {
        return Enrolling.join(invitation, new Identity(Role.WORKER, name));
    }

    private void assertRefused(Invitation invitation, String reason) {
        assertThatExceptionOfType(TrustException.class).isThrownBy(() -> join(invitation, "cellar"))
                .withMessageContaining(reason).withMessageNotContaining(invitation.secret());
        assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage)
                .noneMatch(line -> line.contains(invitation.secret()))
                .anyMatch(line -> line.contains("cellar") && line.contains(reason));
    }

    @Test
    void an_invitation_lets_one_machine_in() throws TrustException {
        Membership attic = join(invitation(), "attic");
        assertThat(attic.zooKeeper()).isEqualTo("hall:2181");
        assertThat(attic.credentials().identity()).isEqualTo(new Identity(Role.WORKER, "attic"));
    }

    @Test
    void who_leaves_is_no_member_any_more_and_its_name_is_free_for_another() throws TrustException {
        Membership attic = join(invitation(), "attic");
        Path folder = data.resolve("attic");
        attic.write(folder);
        Enrolling.leave(attic, folder);
        assertThat(join(invitation(), "attic").credentials().identity()).isEqualTo(new Identity(Role.WORKER, "attic"));
        assertThat(Authority.open(ClusterTrust.folder(data), InstantSource.system()).orElseThrow().revocations())
                .as("the first certificate is on the list").isPresent();
    }

    @Test
    void a_wrong_invitation_is_refused_in_one_sentence() {
        assertRefused(with(Invitation.newSecret()), "unknown");
    }

    @Test
    void a_used_invitation_is_refused_in_one_sentence() throws TrustException {
        Invitation invitation = invitation();
        join(invitation, "attic");
        assertRefused(invitation, "used already");
    }

    @Test
    void a_standing_invitation_lets_in_the_worker_that_it_names_again_and_again_and_no_other() throws TrustException {
        Invitation invitation = with(standing.secretFor("pod-0"));
        Membership first = join(invitation, "pod-0");
        Membership again = join(invitation, "pod-0");
        assertThat(again.credentials().identity()).isEqualTo(new Identity(Role.WORKER, "pod-0"));
        assertThat(again.credentials().certificate()).isNotEqualTo(first.credentials().certificate());
        assertThatExceptionOfType(TrustException.class).isThrownBy(() -> join(invitation, "pod-1"))
                .withMessageContaining("unknown");
        assertThatExceptionOfType(TrustException.class)
                .isThrownBy(() -> Enrolling.join(invitation, new Identity(Role.COORDINATOR, "pod-0")))
                .withMessageContaining("somebody else");
    }

    @Test
    void a_pods_worker_that_was_removed_comes_back_with_a_certificate_that_counts()
            throws Exception {
        Invitation invitation = with(standing.secretFor("pod-0"));
        SecureLinks first = new SecureLinks(join(invitation, "pod-0").credentials());
        assertThat(trust.remove("pod-1")).isInstanceOf(WorkerWishes.Outcome.Unknown.class);
        assertThat(trust.remove("pod-0")).isInstanceOf(WorkerWishes.Outcome.Told.class);
        var _ = ((SecureLinks) trust.links()).revocations().accept(
                Authority.open(ClusterTrust.folder(data), InstantSource.system()).orElseThrow().revocations()
                        .orElseThrow());
        assertThat(call(first)).isIn(Status.Code.UNAVAILABLE, Status.Code.PERMISSION_DENIED);
        SecureLinks second = new SecureLinks(join(invitation, "pod-0").credentials());
        assertThat(call(second)).as("a member, with an empty request").isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void the_authority_may_be_kept_elsewhere_and_is_not_exchanged_by_mistake() throws Exception {
        Path given = data.resolve("given/authority.pem");
        assertThat(trust.fingerprint()).contains(Fingerprint.ofPem(Files.readString(given)));
        Path another = Files.writeString(data.resolve("given/another.pem"), Authority.newPem(InstantSource.system()));
        assertThatExceptionOfType(TrustException.class)
                .isThrownBy(() -> Authority.adopt(ClusterTrust.folder(data), another))
                .withMessageContaining("another authority");
        Authority.adopt(ClusterTrust.folder(data), given);
    }

    @Test
    void a_coordinator_that_is_not_there_yet_is_told_from_one_that_refuses() throws Exception {
        Invitation invitation = invitation();
        server.shutdownNow().awaitTermination();
        assertThatExceptionOfType(UnreachableException.class).isThrownBy(() -> join(invitation, "attic"));
    }

    @Test
    void an_invitation_that_is_over_is_refused_each_time() throws TrustException {
        Invitation over = with(invitations(() -> Instant.now().minus(DAY.multipliedBy(2))).create(Role.WORKER, DAY));
        assertRefused(over, "over");
        assertRefused(over, "over");
    }

    @Test
    void of_many_who_use_one_invitation_at_once_one_comes_in() throws Exception {
        Invitation invitation = invitation();
        List<Future<Membership>> joins = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int number = 0; number < 8; number++) {
                String name = "w" + number;
                joins.add(threads.submit(() -> join(invitation, name)));
            }
        }
        assertThat(joins.stream().filter(join -> join.state() == Future.State.SUCCESS)).hasSize(1);
    }

    @Test
    void whoever_is_not_the_coordinator_of_the_invitation_never_sees_its_secret() throws TrustException {
        Invitation ours = invitation();
        Invitation misled = new Invitation(ours.address(), "ab".repeat(32), ours.secret());
        assertThatExceptionOfType(TrustException.class).isThrownBy(() -> join(misled, "attic"))
                .withMessageContaining("another fingerprint");
        assertThat(join(ours, "attic").coordinator()).as("it was not used up").isEqualTo(ours.address());
    }

    @Test
    void a_name_that_is_taken_is_refused_and_the_invitation_stays_good() throws TrustException {
        join(invitation(), "attic");
        Invitation second = invitation();
        assertThatExceptionOfType(TrustException.class).isThrownBy(() -> join(second, "attic"))
                .withMessageContaining("barn remove attic");
        assertThat(join(second, "cellar").credentials().identity().id()).isEqualTo("cellar");
    }

    @Test
    void without_a_certificate_there_is_nothing_but_joining() throws TrustException {
        assertThat(call(Links.PLAIN)).isEqualTo(Status.Code.UNAVAILABLE);
        SecureLinks member = new SecureLinks(join(invitation(), "attic").credentials());
        assertThat(call(member)).as("a member, with an empty request").isEqualTo(Status.Code.INVALID_ARGUMENT);
        Authority.open(ClusterTrust.folder(data), InstantSource.system()).orElseThrow().revoke("attic");
        var _ = ((SecureLinks) trust.links()).revocations().accept(
                Authority.open(ClusterTrust.folder(data), InstantSource.system()).orElseThrow().revocations()
                        .orElseThrow());
        assertThat(call(member)).as("a removed member").isIn(Status.Code.UNAVAILABLE, Status.Code.PERMISSION_DENIED);
        assertThat(join(invitation(), "cellar").zooKeeper()).isEqualTo("hall:2181");
    }

    private Status.Code call(Links links) {
        var channel = links.to("127.0.0.1:" + server.getPort(), Set.of(Role.COORDINATOR), _ -> {});
        try {
            var _ = EnrolmentGrpc.newBlockingStub(channel).renew(RenewRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void the_secret_of_an_invitation_is_nowhere_on_the_disk() throws Exception {
        String secret = invitation().secret();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(file.toString()).doesNotContain(secret);
                assertThat(Files.readString(file)).doesNotContain(secret);
            }
        }
    }

    @Test
    void a_coordinator_that_keeps_an_authority_does_not_join_another_cluster() throws TrustException {
        String token = invitation().token();
        assertThatExceptionOfType(TrustException.class)
                .isThrownBy(() -> ClusterTrust.in(data, Optional.of(token), DAY).close())
                .withMessageContaining("cluster of its own");
    }
}
