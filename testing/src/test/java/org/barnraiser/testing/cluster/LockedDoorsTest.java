package org.barnraiser.testing.cluster;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.testing.FreePort;
import org.barnraiser.testing.faults.FaultProxy;
import org.barnraiser.testing.models.DemoModelF32;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Credentials;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Membership;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.TrustException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A cluster of processes that know each other by certificates, and strangers at its doors. */
class LockedDoorsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Pattern JOIN = Pattern.compile("^\\./barn worker --join (\\S+)$", Pattern.MULTILINE);
    private static final Question QUESTION = SureQuestions.eight().getFirst();

    @TempDir
    private Path folder;

    @AutoClose
    private final Resources resources = new Resources();

    @Test
    void machines_come_by_invitation_renew_their_certificates_while_answers_go_on_and_are_removed_at_once()
            throws Exception {
        String zooKeeper = "127.0.0.1:" + FreePort.take();
        int port = FreePort.take();
        String grpc = "127.0.0.1:" + port;
        String token = invite(grpc);
        TestCoordinator coordinator = coordinator(zooKeeper, grpc);
        awaitDoor();
        assertThat(member("join", grpc, token, "--name", "w1", "--data", folder.resolve("w1").toString(), "--service",
                "no")).contains("is a member of the cluster now");
        ClusterProcess first = worker("w1", "--drain-timeout", "1s");
        Credentials aged = almostDue("w2");
        new Membership(aged, grpc, "tls://" + zooKeeper).write(folder.resolve("w2/workers/w2/trust"));
        ClusterProcess second = worker("w2");
        // One that comes late to the first plan gets its stage in the next.
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(workersOfPlan(coordinator)).containsExactlyInAnyOrder("w1", "w2");
            assertThat(coordinator.isReady()).isTrue();
        });

        strangersAreRefused(addressOf(coordinator, "w1"), grpc);

        try (Readers readers = new Readers()) {
            String text = ask(readers, coordinator);
            do {
                assertThat(ask(readers, coordinator)).isEqualTo(text);
            } while (kept("w2").credentials().certificate().equals(aged.certificate()));
            assertThat(ask(readers, coordinator)).as("after the renewal").isEqualTo(text);

            RunningAnswer meanwhile = readers.ask(coordinator.url(), List.of(QUESTION)).getFirst();
            meanwhile.awaitPieces(2, PATIENCE);
            assertThat(command("remove", "remove", "w2")).contains("w2 is removed");
            assertThat(meanwhile.await(PATIENCE).text()).as("not one word is lost").isEqualTo(text);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(workersOfPlan(coordinator)).containsExactly("w1");
                assertThat(coordinator.isReady()).isTrue();
            });
            assertThat(ask(readers, coordinator)).isEqualTo(text);
        }
        assertThat(second.isAlive()).as("the removed machine knocks in vain").isTrue();
        assertThat(kept("w1").zooKeeper()).isEqualTo("tls://" + zooKeeper);
        assertThat(member("leave", "--name", "w1", "--data", folder.resolve("w1").toString()))
                .contains("Worker w1 has left. Its certificate does not count any more.",
                        "pieces of models are still in");
        assertThat(first.isAlive()).as("it was told to end").isFalse();
        assertThat(folder.resolve("w1/workers/w1/trust")).doesNotExist();
        String secret = token.substring(token.lastIndexOf('.') + 1);
        assertThat(coordinator.output()).contains("worker w2 was removed")
                .doesNotContain(secret);
        assertThat(first.output()).doesNotContain(secret);
    }

    /** Each is refused, and none of them harms anybody. */
    private void strangersAreRefused(String worker, String coordinator) throws Exception {
        assertThat(describe(Links.PLAIN, worker)).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(describe(Links.PLAIN, coordinator)).isEqualTo(Status.Code.UNAVAILABLE);
        Authority theirs = Authority.openOrCreate(folder.resolve("theirs"), InstantSource.system());
        assertThat(describe(links(theirs, Role.COORDINATOR, "c"), worker)).isEqualTo(Status.Code.UNAVAILABLE);
        SecureLinks neighbour = links(ours(InstantSource.system()), Role.WORKER, "neighbour");
        assertThat(describe(neighbour, worker)).as("a worker of the same cluster asks no other who it is")
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(load(neighbour, worker)).as("nor has it load anything").isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(describe(links(ours(InstantSource.system()), Role.COORDINATOR, "other"), worker))
                .isEqualTo(Status.Code.OK);
    }

    private static Status.Code describe(Links links, String address) {
        return call(links, address, control -> control.describe(DescribeRequest.getDefaultInstance()));
    }

    private static Status.Code load(Links links, String address) {
        return call(links, address, control -> control.loadShard(LoadShardRequest.getDefaultInstance()).hasNext());
    }

    private interface Call {
        Object on(WorkerControlGrpc.WorkerControlBlockingStub control);
    }

    private static Status.Code call(Links links, String address, Call call) {
        ManagedChannel channel = links.to(address, Set.of(Role.WORKER, Role.COORDINATOR), _ -> {});
        try {
            var _ = call.on(WorkerControlGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS));
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }

    private static SecureLinks links(Authority authority, Role role, String id) throws TrustException {
        return new SecureLinks(authority.credentials(new Identity(role, id), DAY));
    }

    private Authority ours(InstantSource clock) throws TrustException {
        return Authority.open(folder.resolve("c1/trust"), clock).orElseThrow();
    }

    /** A certificate that is good for hours and is to be renewed in some seconds: two thirds of its day and of the hour before it are over. */
    private Credentials almostDue(String worker) throws TrustException {
        Instant made = Instant.now().minus(Duration.ofMinutes(15 * 60 + 40)).plusSeconds(12);
        return ours(() -> made).credentials(new Identity(Role.WORKER, worker), DAY);
    }

    private Membership kept(String worker) throws TrustException {
        return Membership.read(folder.resolve(worker + "/workers/" + worker + "/trust")).orElseThrow();
    }

    private String ask(Readers readers, TestCoordinator coordinator) throws Exception {
        Answer answer = readers.ask(coordinator.url(), List.of(QUESTION)).getFirst().await(PATIENCE);
        assertThat(answer.isWhole()).as(answer.summary()).isTrue();
        return answer.text();
    }

    private static List<String> workersOfPlan(TestCoordinator coordinator) throws Exception {
        List<String> workers = new ArrayList<>();
        coordinator.cluster().path("plan").path("pipelines").path(0).path("stages")
                .forEach(stage -> workers.add(stage.path("worker").asText()));
        return workers;
    }

    private static String addressOf(TestCoordinator coordinator, String worker) throws Exception {
        for (var stage : coordinator.cluster().path("plan").path("pipelines").path(0).path("stages")) {
            if (stage.path("worker").asText().equals(worker)) {
                return stage.path("address").asText();
            }
        }
        throw new AssertionError(worker + " is not in the plan");
    }

    private String invite(String grpc) throws Exception {
        Matcher join = JOIN.matcher(command("invite", "invite", "--address", grpc));
        assertThat(join.find()).isTrue();
        return join.group(1);
    }

    /** Runs a command of a machine's owner to its end. */
    private String member(String... arguments) throws Exception {
        ClusterProcess command = resources.own(
                new ClusterProcess("org.barnraiser.worker.MemberMain", List.of(arguments), 128, true,
                        folder.resolve(arguments[0] + ".log")));
        command.start();
        await().atMost(PATIENCE).until(() -> !command.isAlive());
        return command.output();
    }

    /** Runs a command on the coordinator's data folder to its end. */
    private String command(String log, String... words) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--data", folder.resolve("c1").toString()));
        ClusterProcess command = resources
                .own(new ClusterProcess("org.barnraiser.coordinator.cli.Barn", arguments, 128, true,
                        folder.resolve(log + ".log")));
        command.start();
        await().atMost(PATIENCE).until(() -> !command.isAlive());
        return command.output();
    }

    private TestCoordinator coordinator(String zooKeeper, String grpc) throws Exception {
        int http = FreePort.take();
        TestCoordinator coordinator = resources.own(new TestCoordinator("c1", URI.create("http://127.0.0.1:" + http),
                new ClusterProcess("org.barnraiser.coordinator.cli.Barn", List.of("coordinator",
                        "--zookeeper-port", zooKeeper.substring(zooKeeper.indexOf(':') + 1), "--model",
                        DemoModelF32.writeTo(folder).toString(), "--port",
                        Integer.toString(http), "--data", folder.resolve("c1").toString(), "--listen", grpc,
                        "--min-workers", "2", "--stages", "2"), 256, true, folder.resolve("c1.log")),
                resources.own(FaultProxy.to(way(zooKeeper)))));
        coordinator.start();
        return coordinator;
    }

    private static InetSocketAddress way(String address) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(),
                Integer.parseInt(address.substring(address.indexOf(":") + 1)));
    }

    private ClusterProcess worker(String name, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--name", name, "--data", folder.resolve(name).toString(),
                "--threads", "1", "--memory", "512M"));
        arguments.addAll(List.of(options));
        ClusterProcess worker = resources
                .own(new ClusterProcess("org.barnraiser.worker.WorkerMain", arguments, 128, true,
                        Files.createDirectories(folder).resolve(name + ".log")));
        if (options.length > 0) {
            awaitDoor();
        }
        worker.start();
        return worker;
    }

    /** An invitation is used at once or not at all. */
    private void awaitDoor() {
        await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("c1/trust/address")));
    }
}
