package org.barnraiser.coordinator.doctor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.cluster.EmbeddedZooKeeper;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.PipelineRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.MemberAcls;
import org.barnraiser.trust.reach.Waiting;
import org.barnraiser.trust.reach.Whereabouts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

/** What is said of clusters in all kinds of states: real ZooKeeper, real sockets. */
class DoctorTest {
    private static final Duration TIME = Duration.ofSeconds(60);

    @TempDir
    private Path data;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private Registry registry;
    private FakeCoordinator coordinator;

    @BeforeEach
    void start() throws Exception {
        registry = open(new Registry(data));
        coordinator = open(new FakeCoordinator("c1"));
        registry.register(coordinator.record());
        registry.candidate("c1", 7);
    }

    @AfterEach
    void stop() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void a_sound_cluster_is_ok_in_every_point_and_nothing_is_left_behind() throws Exception {
        FakeWorker attic = worker("attic");
        FakeWorker hall = worker("hall");
        registry.plan(plan(FakeCoordinator.DIGEST, attic, hall));
        int before = registry.nodesAtTheTop();

        List<Finding> findings = cluster();

        assertThat(findings).allSatisfy(finding -> assertThat(finding.level()).isEqualTo(Level.OK));
        assertThat(words(findings)).contains("1 coordinator and 2 workers are registered, and one coordinator leads.",
                "It reaches the other worker (round trip at most 0.4 ms).",
                "All workers compute with llama.cpp b4916.",
                "The newest plan of barn-model, epoch 1, has 2 stages, each on a worker that is there.",
                "barn-model at " + coordinator.url() + " is ready, with plan epoch 3.");
        assertThat(findings).extracting(Finding::subject).contains("ZooKeeper", "clock", "coordinator", "worker attic",
                "from hall");
        assertThat(registry.nodesAtTheTop()).isEqualTo(before);
    }

    @Test
    void machines_that_say_nothing_are_named_and_hold_nobody_up() throws Exception {
        BlackHole hole = open(new BlackHole());
        FakeWorker attic = worker("attic");
        registry.register(attic.record().toBuilder().setWorkerId("cellar").setAddress(hole.address()).build());
        registry.register(coordinator.record().toBuilder().setCoordinatorId("c2").setGrpcAddress(hole.address())
                .setHttpAddress(hole.address()).build());

        List<Finding> findings = assertTimeoutPreemptively(TIME, this::cluster);

        assertThat(broken(findings)).anySatisfy(words -> assertThat(words).startsWith(
                "It is registered, but does not answer at " + hole.address() + ": it says nothing"))
                .contains("One that stands by is registered, but cannot be reached at " + hole.address() + ".");
        assertThat(words(findings)).contains("Its links cannot be checked, because it does not answer.")
                .anySatisfy(words -> assertThat(words).startsWith("It answers at " + attic.address()));
    }

    @Test
    void a_worker_that_takes_no_connections_is_called_on_its_line() throws Exception {
        String relay = coordinator.record().getGrpcAddress();
        registry.write(MemberAcls.RELAYS + "/2-hall", relay.getBytes(StandardCharsets.UTF_8));
        worker("attic");
        FakeWorker cellar = open(new FakeWorker("cellar", true));
        String line = Whereabouts.line("cellar", "1");
        Waiting waiting = open(new Waiting(Links.PLAIN, line, new InetSocketAddress(
                InetAddress.getLoopbackAddress(),
                Integer.parseInt(cellar.address().substring(cellar.address().indexOf(':') + 1)))));
        waiting.at(List.of(relay));
        assertThat(waiting.awaitConnected(TIME)).isTrue();
        registry.register(cellar.record().toBuilder().setAddress("+" + line).build());

        List<Finding> findings = cluster();

        assertThat(only(findings, "worker cellar").level()).isEqualTo(Level.OK);
        assertThat(only(findings, "worker cellar").words())
                .startsWith("It answers at its line (relayed through " + relay + ",");
        assertThat(only(findings, "from cellar").level()).isEqualTo(Level.OK);
    }

    @Test
    void a_zookeeper_that_says_nothing_is_told_in_time() throws Exception {
        BlackHole hole = open(new BlackHole());
        List<Finding> findings = assertTimeoutPreemptively(TIME,
                () -> examine(Optional.of(hole.address()), Optional.empty()));
        assertThat(broken(findings)).contains(hole.address() + " says nothing within 3 s.",
                "No session with ZooKeeper at " + hole.address() + " could be opened within 4 s.");
    }

    @Test
    void whatever_has_no_answer_at_the_deadline_is_a_finding() throws Exception {
        Check stuck = new Check() {
            @Override
            public String subject() {
                return "stuck";
            }

            @Override
            public List<Finding> findings() throws InterruptedException {
                Thread.sleep(Duration.ofHours(1));
                return List.of();
            }
        };
        try (Examination examination = new Examination(Duration.ofMillis(50))) {
            assertThat(examination.await(examination.begin(List.of(stuck)))).singleElement()
                    .satisfies(finding -> assertThat(finding.level()).isEqualTo(Level.BROKEN))
                    .satisfies(finding -> assertThat(finding.subject()).isEqualTo("stuck"));
        }
    }

    @Test
    void a_link_that_is_cut_between_two_workers_is_told_with_both_ends() throws Exception {
        FakeWorker attic = worker("attic");
        FakeWorker hall = worker("hall");
        worker("office");
        attic.cutOff(hall.address());

        Finding cut = only(cluster(), "from attic");

        assertThat(cut.level()).isEqualTo(Level.BROKEN);
        assertThat(cut.words())
                .isEqualTo("It does not reach hall at " + hall.address() + " (Connection refused).");
        assertThat(cut.advice()).contains("firewall");
        assertThat(only(cluster(), "from hall").level()).isEqualTo(Level.OK);
    }

    @Test
    void the_links_of_an_older_worker_cannot_be_checked() throws Exception {
        worker("attic");
        registry.register(open(new FakeWorker("old", false)).record());

        Finding old = only(cluster(), "from old");

        assertThat(old.level()).isEqualTo(Level.WARNING);
        assertThat(old.words()).contains("older version");
    }

    @Test
    void different_versions_of_llama_cpp_are_a_warning_that_names_who_has_which() throws Exception {
        worker("attic");
        registry.register(open(new FakeWorker("hall", true)).withBuild("v0.5.0").record());

        Finding versions = only(cluster(), "versions");

        assertThat(versions.level()).isEqualTo(Level.WARNING);
        assertThat(versions.words()).contains("b4916 on attic; v0.5.0 on hall");
    }

    @Test
    void a_restarted_workers_old_registration_is_a_warning_and_another_worker_at_its_address_is_broken()
            throws Exception {
        FakeWorker attic = worker("attic");
        registry.register(attic.record().toBuilder().setWorkerId("impostor").build());
        attic.becomeIncarnation("2");
        registry.register(attic.record());

        List<Finding> findings = cluster();

        assertThat(words(findings)).contains("It was restarted, and an old registration of it is left.",
                "Worker attic answers at its address, " + attic.address() + ".");
    }

    @Test
    void a_plan_that_names_a_worker_who_left_is_a_warning() throws Exception {
        FakeWorker attic = worker("attic");
        registry.plan(plan(FakeCoordinator.DIGEST, attic, open(new FakeWorker("gone", true))));

        Finding plan = only(cluster(), "plan");

        assertThat(plan.level()).isEqualTo(Level.WARNING);
        assertThat(plan.words()).contains("have left or were restarted: gone.");
    }

    @Test
    void a_node_that_cannot_be_read_is_a_warning_with_its_path() throws Exception {
        registry.write("/barnraiser/services/worker/strange", "{".getBytes(StandardCharsets.UTF_8));
        assertThat(words(cluster())).anySatisfy(words -> assertThat(words).startsWith(
                "Nodes in ZooKeeper are ignored because they cannot be read: /barnraiser/services/worker/strange: "));
    }

    @Test
    void a_model_that_is_not_ready_is_broken_and_says_why() throws Exception {
        coordinator.notReady("Waiting for workers: 0 of 2 are here.");

        List<Finding> findings = cluster();

        assertThat(broken(findings)).contains("1 coordinator and no workers are registered.", "barn-model at "
                + coordinator.url() + " is not ready: Waiting for workers: 0 of 2 are here.");
    }

    @Test
    void two_coordinators_with_different_models_are_broken() throws Exception {
        registry.register(open(new FakeCoordinator("c2")).hosting("cd".repeat(32)).record());
        assertThat(broken(cluster()))
                .anySatisfy(words -> assertThat(words).startsWith("The coordinators host different models: "));
    }

    @Test
    void a_clock_that_is_off_is_a_warning_that_says_by_how_much_and_which_way() throws Exception {
        coordinator.withClockAhead(Duration.ofMinutes(2));
        assertThat(cluster()).filteredOn(finding -> finding.subject().equals("clock"))
                .filteredOn(finding -> finding.level() == Level.WARNING).singleElement()
                .satisfies(finding -> assertThat(finding.words())
                        .matches("This machine's clock is 1[12]\\d\\.\\d s behind that of the coordinator at .*"));
    }

    @Test
    void an_endpoint_alone_is_enough_to_ask_its_model() throws Exception {
        List<Finding> findings = examine(Optional.empty(), Optional.of(coordinator.url()));
        assertThat(words(findings)).contains("barn-model at " + coordinator.url() + " is ready, with plan epoch 3.");
        assertThat(broken(findings)).isEmpty();
    }

    @Test
    void the_zookeeper_of_a_barn_that_runs_here_is_found_by_its_data_folder_and_not_when_it_has_ended()
            throws Exception {
        assertThat(EmbeddedZooKeeper.running(data)).contains(registry.connectString());
        stop();
        assertThat(EmbeddedZooKeeper.running(data)).isEmpty();
    }

    @Test
    void what_other_machines_say_cannot_steer_the_terminal() {
        Finding finding = Finding.ok("a\u001b[31mb", "one\r\ntwo\u202e");
        assertThat(finding.subject()).isEqualTo("a [31mb");
        assertThat(finding.words()).isEqualTo("one two");
    }

    private FakeWorker worker(String name) throws Exception {
        FakeWorker worker = open(new FakeWorker(name, true));
        registry.register(worker.record());
        return worker;
    }

    private static PlanRecord plan(String digest, FakeWorker... workers) {
        PipelineRecord.Builder pipeline = PipelineRecord.newBuilder();
        int layer = 0;
        for (FakeWorker worker : workers) {
            pipeline.addStages(StageRecord.newBuilder().setWorkerId(worker.record().getWorkerId())
                    .setIncarnationId(worker.record().getIncarnationId()).setAddress(worker.address())
                    .setLayers(LayerRange.newBuilder().setFirst(layer).setLast(++layer)));
        }
        return PlanRecord.newBuilder().setModelName("barn-model").setModelDigest(digest).setEpoch(1)
                .addPipelines(pipeline).build();
    }

    private List<Finding> cluster() throws InterruptedException {
        return examine(Optional.of(registry.connectString()), Optional.empty());
    }

    private List<Finding> examine(Optional<String> zooKeeper, Optional<URI> url) throws InterruptedException {
        DoctorSettings settings = new DoctorSettings(data, Optional.empty(), zooKeeper, url, 1, "java", "", TIME);
        return new Doctor(settings).examine().sections().getLast().findings();
    }

    private static List<String> words(List<Finding> findings) {
        return findings.stream().map(Finding::words).toList();
    }

    private static List<String> broken(List<Finding> findings) {
        return words(findings.stream().filter(finding -> finding.level() == Level.BROKEN).toList());
    }

    private static Finding only(List<Finding> findings, String subject) {
        return findings.stream().filter(finding -> finding.subject().equals(subject)).findFirst().orElseThrow();
    }

    private <T extends AutoCloseable> T open(T resource) {
        open.push(resource);
        return resource;
    }
}
