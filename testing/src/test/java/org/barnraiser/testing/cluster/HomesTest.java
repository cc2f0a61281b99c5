package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Channel;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.barnraiser.proto.Carried;
import org.barnraiser.testing.FreePort;
import org.barnraiser.testing.bench.UnsplitModel;
import org.barnraiser.testing.faults.FaultProxy;
import org.barnraiser.testing.faults.Homes;
import org.barnraiser.testing.models.DemoModelF32;
import org.barnraiser.trust.Admission;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Credentials;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Membership;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.ZooKeeperAccess;
import org.barnraiser.trust.reach.RelayNode;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

/** Machines in homes, most of which take no connection from outside: each link finds its way, and no answer is lost on it. */
class HomesTest {
    private static final boolean SOAK = Boolean.getBoolean("barnraiser.soak");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration DAY = Duration.ofDays(1);
    private static final int TOKENS = 80;
    private static final int LONG = 300;
    /** In seconds. */
    private static final List<Integer> CUTS = SOAK ? List.of(1, 5) : List.of(1);
    /** The plan does without the machine, and need not take it in again when it is back. */
    private static final int LONG_CUT = 30;
    private static final int MOST_ANSWERS = 100;
    private static final List<String> QUESTIONS = List.of("What is Barnraiser?", "What is a worker?");
    /** With which a connection begins that is not sealed. */
    private static final String PLAIN_PREFACE = "PRI * HTTP/2.0";

    @TempDir
    private Path folder;

    @AutoClose
    private final Resources resources = new Resources();

    @Test
    void machines_that_take_no_connections_answer_word_for_word_whatever_happens_to_their_ways() throws Exception {
        Homes homes = resources.own(homes());
        Authority authority = Authority.openOrCreate(folder.resolve("c1/trust"), InstantSource.system());
        String grpc = homes.street() + ":" + FreePort.take();
        int zooKeeperPort = FreePort.take();
        String zooKeeper = "tls://" + homes.street() + ":" + zooKeeperPort;
        Path model = DemoModelF32.writeTo(folder);
        TestCoordinator coordinator = coordinator(model, grpc, zooKeeperPort);
        await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("c1/trust/address")));
        Tap tap = new Tap(new SecureLinks(authority.credentials(new Identity(Role.RELAY, "tower"), DAY))
                .keepIn(folder.resolve("relay")));
        String relay = homes.street() + ":" + FreePort.take();
        AutoCloseable tower = resources.own(tower(relay, tap, zooKeeper));

        Homes.Home first = homes.add();
        Homes.Home second = homes.add();
        Homes.Home third = homes.add();
        first.shut();
        third.shut();
        for (String name : List.of("w1", "w2", "w3")) {
            Credentials credentials = authority.credentials(new Identity(Role.WORKER, name), DAY);
            new Membership(credentials, grpc, zooKeeper).write(folder.resolve(name + "/workers/" + name + "/trust"));
        }
        ClusterProcess inTheFirst = worker("w1", first);
        ClusterProcess inTheSecond = worker("w2", second);
        var _ = worker("w3", third);

        List<Question> questions = QUESTIONS.stream()
                .map(text -> Question.greedy(SureQuestions.prompt(text), TOKENS)
                        .with(body -> body.put("ignore_eos", false)))
                .toList();
        List<String> expected = unsplit(model);
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode stages = stages(coordinator);
            assertThat(stages).hasSize(3);
            for (int link = 0; link < 2; link++) {
                assertThat(way(stages, link)).isEqualTo(
                        wayBetween(stages.path(link), stages.path(link + 1), Set.of("w2"), relay));
            }
            assertThat(coordinator.isReady()).isTrue();
        });
        try (Readers readers = new Readers()) {
            assertThat(ask(readers, coordinator, questions)).isEqualTo(expected);
            String whole = ask(readers, coordinator, List.of(longQuestion())).getFirst();

            RunningAnswer whileKilled = begin(readers, coordinator);
            inTheSecond.kill();
            second.shut();
            inTheSecond.start();
            assertThat(whileKilled.await(PATIENCE).text()).isEqualTo(whole);
            awaitWays(coordinator, "relayed through ");
            assertThat(ask(readers, coordinator, questions)).isEqualTo(expected);
            assertThat(tap.seen()).as("what the relay saw").hasSizeGreaterThan(100_000)
                    .doesNotContain(PLAIN_PREFACE);

            RunningAnswer whileRelayEnds = begin(readers, coordinator);
            tower.close();
            assertThat(whileRelayEnds.await(PATIENCE).text()).isEqualTo(whole);
            awaitWays(coordinator, "relayed through " + grpc);

            ClusterProcess relayProgram = relay(authority, relay, grpc, zooKeeper);
            await().atMost(PATIENCE).until(() -> relayProgram.output().contains("The relay listens"));
            long epoch = epoch(coordinator);
            for (int answers = 0; !areMetAt(coordinator, relay); answers++) {
                assertThat(answers).as("answers until both links have moved to the relay").isLessThan(MOST_ANSWERS);
                during(readers, coordinator, "a better relay has come", whole, () -> {});
            }
            assertThat(epoch(coordinator)).as("nothing was planned anew").isEqualTo(epoch);
            for (int seconds : CUTS) {
                during(readers, coordinator, "a cut of " + seconds + " s", whole, () -> cut(third, seconds));
            }
            during(readers, coordinator, "another address", whole, third::move);
            awaitWays(coordinator, "relayed through ");
            await().atMost(PATIENCE).until(() -> areMetAt(coordinator, relay));
            during(readers, coordinator, "a relay killed", whole, relayProgram::kill);
            during(readers, coordinator, "a short sleep", whole, () -> {
                inTheFirst.stop();
                Thread.sleep(Duration.ofSeconds(3));
                inTheFirst.cont();
            });
            Map<String, String> shards = shards("w1");
            assertThat(shards).isNotEmpty();
            during(readers, coordinator, "a long sleep", whole, () -> {
                inTheFirst.stop();
                await().atMost(PATIENCE).until(() -> !names(coordinator).contains("w1"));
                inTheFirst.cont();
            });
            await().atMost(PATIENCE).until(() -> names(coordinator).contains("w1"));
            assertThat(shards("w1")).as("on its disk, and not written again").containsAllEntriesOf(shards);
            if (SOAK) {
                during(readers, coordinator, "a cut of " + LONG_CUT + " s", whole, () -> cut(third, LONG_CUT));
            }
            assertThat(ask(readers, coordinator, questions)).isEqualTo(expected);
        }
    }

    private static void cut(Homes.Home home, int seconds) throws Exception {
        home.unplug();
        Thread.sleep(Duration.ofSeconds(seconds));
        home.plug();
    }

    private static Homes homes() {
        try {
            return Homes.build();
        } catch (IOException e) {
            System.err.println("Machines behind routers are not tried: " + e.getMessage());
            return abort("no network namespaces here: " + e.getMessage());
        }
    }

    private static Question longQuestion() {
        return Question.greedy(SureQuestions.prompt("What happens when a machine leaves?"), LONG);
    }

    private static RunningAnswer begin(Readers readers, TestCoordinator coordinator) throws Exception {
        RunningAnswer answer = readers.ask(coordinator.url(), longQuestion());
        answer.awaitPieces(5, PATIENCE);
        return answer;
    }

    private interface Fault {
        void happens() throws Exception;
    }

    /** An answer is under way while something happens, and is none the worse for it. */
    private static void during(Readers readers, TestCoordinator coordinator, String what, String whole, Fault fault)
            throws Exception {
        RunningAnswer answer = begin(readers, coordinator);
        long begun = System.nanoTime();
        fault.happens();
        Answer ended = answer.await(PATIENCE);
        assertThat(ended.text()).as(what).isEqualTo(whole);
        System.out.printf("FAULT %s: the answer had ended %.1f s after it began%n", what,
                (System.nanoTime() - begun) / 1e9);
    }

    private static List<String> ask(Readers readers, TestCoordinator coordinator, List<Question> questions)
            throws Exception {
        List<String> texts = new ArrayList<>();
        for (Question question : questions) {
            Answer answer = readers.ask(coordinator.url(), question).await(PATIENCE);
            assertThat(answer.isWhole()).as(answer.summary()).isTrue();
            texts.add(answer.text());
        }
        return texts;
    }

    private static List<String> unsplit(Path model) throws Exception {
        List<String> texts = new ArrayList<>();
        try (UnsplitModel unsplit = new UnsplitModel(model, 512, 1)) {
            for (String question : QUESTIONS) {
                texts.add(unsplit.greedy(SureQuestions.prompt(question), TOKENS));
            }
        }
        return texts;
    }

    private static List<String> names(TestCoordinator coordinator) throws Exception {
        return coordinator.cluster().path("workers").findValuesAsText("worker");
    }

    /** The files by name, each with what tells it from one that has taken its place. */
    private Map<String, String> shards(String worker) throws Exception {
        Map<String, String> shards = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder.resolve(worker + "/workers/" + worker + "/shards"))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".shard")).toList()) {
                shards.put(file.getFileName().toString(),
                        String.valueOf(Files.readAttributes(file, BasicFileAttributes.class).fileKey()));
            }
        }
        return shards;
    }

    private static String wayBetween(JsonNode from, JsonNode to, Set<String> dialled, String relay) {
        if (dialled.contains(to.path("worker").asText())) {
            return "direct";
        }
        return dialled.contains(from.path("worker").asText()) ? "reversed" : "relayed through " + relay;
    }

    private static JsonNode stages(TestCoordinator coordinator) throws Exception {
        return coordinator.cluster().path("plan").path("pipelines").path(0).path("stages");
    }

    private static String way(JsonNode stages, int index) {
        return stages.path(index).path("next").path("kind").asText();
    }

    private static boolean areMetAt(TestCoordinator coordinator, String relay) throws Exception {
        JsonNode stages = stages(coordinator);
        return Stream.of(way(stages, 0), way(stages, 1)).allMatch(("relayed through " + relay)::equals);
    }

    private static long epoch(TestCoordinator coordinator) throws Exception {
        return coordinator.cluster().path("plan").path("epoch").asLong();
    }

    private static void awaitWays(TestCoordinator coordinator, String way) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode stages = stages(coordinator);
            assertThat(stages).hasSize(3);
            assertThat(List.of(way(stages, 0), way(stages, 1))).allMatch(kind -> kind.startsWith(way));
            assertThat(coordinator.isReady()).isTrue();
        });
    }

    private TestCoordinator coordinator(Path model, String grpc, int zooKeeperPort) throws Exception {
        int http = FreePort.take();
        TestCoordinator coordinator = resources.own(new TestCoordinator("c1", URI.create("http://127.0.0.1:" + http),
                new ClusterProcess("org.barnraiser.coordinator.cli.Barn", List.of("coordinator",
                        "--zookeeper-port", Integer.toString(zooKeeperPort), "--model", model.toString(), "--port",
                        Integer.toString(http), "--data", folder.resolve("c1").toString(), "--listen", grpc,
                        "--min-workers", "3", "--stages", "3", "--speculate", "off"), 256, true,
                        folder.resolve("c1.log")),
                resources.own(FaultProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), zooKeeperPort)))));
        coordinator.start();
        return coordinator;
    }

    private ClusterProcess worker(String name, Homes.Home home) throws Exception {
        ClusterProcess worker = resources.own(new ClusterProcess("org.barnraiser.worker.WorkerMain",
                List.of("--name", name,
                        "--data", folder.resolve(name).toString(), "--threads", "1", "--memory", "512M", "--listen",
                        home.address() + ":" + FreePort.take()),
                128, true, folder.resolve(name + ".log"), home.within()));
        worker.start();
        return worker;
    }

    private ClusterProcess relay(Authority authority, String listen, String grpc, String zooKeeper) throws Exception {
        Path data = folder.resolve("tower");
        new Membership(authority.credentials(new Identity(Role.RELAY, "mast"), DAY), grpc, zooKeeper)
                .write(data.resolve("relay"));
        ClusterProcess relay = resources.own(new ClusterProcess("org.barnraiser.coordinator.cli.Barn",
                List.of("relay", "--listen", listen, "--data", data.toString()), 64, true,
                folder.resolve("relay.log")));
        relay.start();
        return relay;
    }

    private static AutoCloseable tower(String address, Tap tap, String zooKeeper) throws Exception {
        int colon = address.indexOf(':');
        return RelayNode.start(
                new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
                Optional.empty(), tap, ZooKeeperAccess.parse(zooKeeper).client(tap.links).sessionTimeoutMs(6_000)
                        .retryPolicy((_, _, _) -> true).build());
    }

    /** A relay's links, which write down what it carries. */
    private static final class Tap implements Links {
        private final SecureLinks links;
        private final StringBuilder seen = new StringBuilder();

        Tap(SecureLinks links) {
            this.links = links;
        }

        synchronized String seen() {
            return seen.toString();
        }

        private synchronized void see(Object message) {
            if (message instanceof Carried carried) {
                seen.append(carried.getBytes().toString(StandardCharsets.ISO_8859_1));
            }
        }

        @Override
        public NettyServerBuilder at(InetSocketAddress listen, Admission admission) {
            return links.at(listen, admission).intercept(new ServerInterceptor() {
                @Override
                public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers,
                        ServerCallHandler<Q, A> next) {
                    return next.startCall(new SimpleForwardingServerCall<>(call) {
                        @Override
                        public void sendMessage(A message) {
                            see(message);
                            super.sendMessage(message);
                        }
                    }, headers);
                }
            });
        }

        @Override
        public ManagedChannel to(String address, Set<Role> wanted, Consumer<NettyChannelBuilder> options) {
            return links.to(address, wanted, options);
        }

        @Override
        public Optional<ManagedChannel> better(ManagedChannel than, String address, Set<Role> wanted,
                Consumer<NettyChannelBuilder> options) {
            return links.better(than, address, wanted, options);
        }

        @Override
        public Channel expecting(String id, Channel channel) {
            return links.expecting(id, channel);
        }

        @Override
        public boolean areSecure() {
            return true;
        }
    }
}
