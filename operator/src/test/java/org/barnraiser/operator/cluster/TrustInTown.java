package org.barnraiser.operator.cluster;

import io.grpc.ManagedChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Credentials;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Membership;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.TrustException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Who is let in, and for how long. */
abstract class TrustInTown extends StrangersInTown {
    private static final Duration DAY = Duration.ofDays(1);
    private static final String FIRST = "town-worker-old-0";
    private static final String SECOND = "town-worker-old-1";
    private static String departed = "";

    @Test
    @Order(30)
    void readers_need_a_key_and_machines_a_certificate() throws Exception {
        String url = "/v1/models";
        assertThat(get(url, "").statusCode()).isEqualTo(401);
        assertThat(get(url, "barn_" + "x".repeat(43)).statusCode()).isEqualTo(401);
        assertThat(get(url, key("member")).statusCode()).isEqualTo(200);
        assertThat(get("/api/keys", key("member")).statusCode()).isEqualTo(403);
        assertThat(get("/api/keys", key("admin")).statusCode()).isEqualTo(200);
        assertThat(arguments("worker")).contains("--join").doesNotContain("--insecure");
        assertThat(arguments("coordinator")).contains("--authority").doesNotContain("--insecure", "--open");
        for (String door : List.of(pods().addresses("town-worker").getFirst() + ":9090",
                pods().addresses("town-coordinator").getFirst() + ":9091")) {
            ManagedChannel stranger = Links.PLAIN.to(door, Set.of(Role.values()), _ -> {});
            try {
                assertThatThrownBy(() -> WorkerControlGrpc.newBlockingStub(stranger)
                        .withDeadlineAfter(60, TimeUnit.SECONDS).describe(DescribeRequest.getDefaultInstance()))
                        .hasMessageContaining("UNAVAILABLE");
            } finally {
                stranger.shutdownNow();
            }
        }
        for (String secret : List.of("town-authority", "town-keys", "town-worker-old")) {
            assertThat(api.get("/api/v1/namespaces/default/secrets/" + secret).orElseThrow()
                    .at("metadata", "ownerReferences").items()).as(secret).hasSize(1);
        }
    }

    @Test
    @Order(40)
    void a_machine_outside_joins_by_invitation() throws Exception {
        patchSpec("{\"externalWorkers\":{\"allowed\":true}}");
        await("the port of the cluster is open to others", () -> api
                .get("/api/v1/namespaces/default/services/town-coordinator-peers").orElseThrow().at("spec", "type")
                .text().equals("NodePort"));
        Path home = folder.resolve("attic");
        String coordinator = pods().addresses("town-coordinator").getFirst() + ":9091";
        try (Child invite = Child.java("org.barnraiser.coordinator.cli.Barn", 128, List.of("invite", "--address",
                coordinator, "--data", pods().folder("town-coordinator", "/data").toString()), Map.of(),
                home.resolve("invite.log"))) {
            assertThat(invite.awaitExit(60)).as(invite.output()).isZero();
            Matcher token = Pattern.compile("--join (\\S+)").matcher(invite.output());
            assertThat(token.find()).isTrue();
            try (Child attic = Child.java("org.barnraiser.worker.WorkerMain", 256, List.of("--join", token.group(1),
                    "--zookeeper", pods().addresses("town-zookeeper").getFirst() + ":2181", "--name", "attic", "--data",
                    home.toString(), "--memory", "512M", "--threads", "1"), Map.of(), home.resolve("worker.log"))) {
                await("the machine is one of the cluster's", () -> statusCount("externalWorkers") == 1
                        && List.of("stand-by", "stage").contains(worker("attic").at("state").text()));
                assertThat(statusCount("readyReplicas")).isEqualTo(1);
                assertThat(attic.isAlive()).as(attic.output()).isTrue();
            }
        }
        await("it has left", () -> statusCount("externalWorkers") == 0);
    }

    @Test
    @Order(65)
    void the_certificate_of_a_pod_is_renewed_before_it_ends_and_answers_go_on() throws Exception {
        Membership kept = kept(FIRST);
        Credentials aged = almostDue(FIRST);
        new Membership(aged, kept.coordinator(), kept.zooKeeper()).write(trust(FIRST));
        // Its container starts anew, in the same pod.
        pods().process(FIRST).orElseThrow().kill();
        await("it is renewed", () -> end(kept(FIRST).credentials()).isAfter(end(aged)));
        await("both are there", () -> registered() == 2);
        awaitReady();
        assertThat(chat()).contains("\"content\"");
    }

    private static Instant end(Credentials credentials) {
        return credentials.certificate().getNotAfter().toInstant();
    }

    private static Path trust(String pod) {
        return pods().folder(pod, "/trust").resolve("own");
    }

    private static Membership kept(String pod) throws TrustException {
        return Membership.read(trust(pod)).orElseThrow();
    }

    /** A certificate that is good for hours and is to be renewed in a second: two thirds of its day and of the hour before it are over. */
    private static Credentials almostDue(String worker) throws Exception {
        Path given = Files.write(Files.createDirectories(folder.resolve("given")).resolve("authority.pem"),
                Base64.getDecoder().decode(api.get("/api/v1/namespaces/default/secrets/town-authority").orElseThrow()
                        .at("data", "authority.pem").text()));
        Path signing = folder.resolve("signing");
        Authority.adopt(signing, given);
        Instant made = Instant.now().minus(Duration.ofMinutes(15 * 60 + 40)).plusSeconds(1);
        return Authority.open(signing, () -> made).orElseThrow().credentials(new Identity(Role.WORKER, worker), DAY);
    }

    @Test
    @Order(82)
    void whoever_was_scaled_away_for_good_is_removed_from_the_cluster() throws Exception {
        await("its certificate does not count any more", () -> certificate(SECOND).at("removed").flag(false));
        assertThat(certificate(FIRST).at("removed").flag(true)).isFalse();
        assertThat(reasonsOfEvents()).contains("RemovedWorker");
        departed = certificate(SECOND).at("until").text();
        try (Stream<Path> left = Files.walk(pods().volume("data-" + SECOND))) {
            assertThat(left).as("what it leaves behind").hasSizeGreaterThan(1)
                    .noneMatch(file -> file.toString().endsWith(".pem"));
        }
        await("other machines hear of it", () -> Files.exists(trust(FIRST).resolve("revoked.crl")));
    }

    @Test
    @Order(95)
    void whoever_comes_back_under_that_name_has_another_certificate() throws Exception {
        assertThat(workers()).containsKey(SECOND);
        // The coordinator looks at its list of certificates now and then.
        await("it has another certificate, which counts", () -> !certificate(SECOND).at("removed").flag(true)
                && !certificate(SECOND).at("until").text().equals(departed));
        awaitReady();
        assertThat(chat()).contains("\"content\"");
    }

    /** As the coordinator knows it. */
    private static Tree certificate(String worker) throws Exception {
        return Tree.parse(get("/api/cluster", key("member")).body()).at("trust", "certificates").items().stream()
                .filter(one -> one.at("member").text().equals(worker)).findFirst().orElse(Tree.NOTHING);
    }

    private static Tree worker(String name) throws Exception {
        return Tree.parse(get("/api/cluster", key("member")).body()).at("workers").items().stream()
                .filter(worker -> worker.at("worker").text().equals(name)).findFirst().orElse(Tree.NOTHING);
    }

    private static List<String> arguments(String component) throws KubeException {
        return api.list(PODS, "app.kubernetes.io/component=" + component).getFirst().at("spec", "containers").items()
                .getFirst().at("args").items().stream().map(Tree::text).toList();
    }
}
