package org.barnraiser.coordinator.account;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches what machines give, on a virtual thread of its own, and adds it to the ledger every ten minutes and at the end; a coordinator
 * that is killed loses what came since. Of several coordinators the one that leads does so.
 */
public final class ContributionMeter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ContributionMeter.class);
    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final Duration ENTRY = Duration.ofMinutes(10);
    private static final String OWNER = "owner";
    private static final int MAX_TEXT = 200;

    private final ContributionLedger ledger;
    private final ClusterStatus.Source cluster;
    private final String httpAddress;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = Thread.ofVirtual().name("contributions").unstarted(this::run);
    private final Map<String, Contribution> gathered = new LinkedHashMap<>();
    private Instant lookedAt;
    private Instant writtenAt;
    /** Generated up to the last look, by model digest. */
    private Map<String, Long> tokens;
    /** Computed up to the last look. */
    private Map<PipelineId, Long> steps;

    private record PipelineId(String modelDigest, int number, long epoch) {
        static PipelineId of(ClusterStatus.Hosted model, ClusterStatus.Pipeline pipeline) {
            return new PipelineId(model.digest(), pipeline.number(), pipeline.epoch());
        }
    }

    ContributionMeter(ContributionLedger ledger, ClusterStatus.Source cluster, String httpAddress,
            InstantSource clock) {
        this.ledger = ledger;
        this.cluster = cluster;
        this.httpAddress = httpAddress;
        this.clock = clock;
        this.lookedAt = clock.instant();
        this.writtenAt = lookedAt;
        ClusterStatus status = cluster.clusterStatus();
        this.tokens = tokens(status);
        this.steps = steps(status);
    }

    /** @param httpAddress this coordinator's, by which it knows whether it leads */
    public static ContributionMeter start(ContributionLedger ledger, ClusterStatus.Source cluster, String httpAddress) {
        ContributionMeter meter = new ContributionMeter(ledger, cluster, httpAddress, InstantSource.system());
        meter.thread.start();
        return meter;
    }

    private void run() {
        try {
            boolean over;
            do {
                over = closing.await(LOOK.toSeconds(), TimeUnit.SECONDS);
                look();
                if (over || Duration.between(writtenAt, clock.instant()).compareTo(ENTRY) >= 0) {
                    write();
                }
            } while (!over);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Counts what was given since the last look. */
    void look() {
        ClusterStatus status = cluster.clusterStatus();
        Instant now = clock.instant();
        Instant before = lookedAt;
        lookedAt = now;
        Map<String, Long> tokensBefore = tokens;
        tokens = tokens(status);
        Map<PipelineId, Long> stepsBefore = steps;
        steps = steps(status);
        if (!leads(status)) {
            return;
        }
        // A machine that slept gave nothing meanwhile.
        long seconds = Math.clamp(Duration.between(before, now).toSeconds(), 0, 2 * LOOK.toSeconds());
        Set<String> seen = new HashSet<>();
        status.models().stream().filter(ClusterStatus.Hosted::ready).forEach(model -> {
            long newTokens = Math.max(0, model.activity().generatedTokensTotal()
                    - tokensBefore.getOrDefault(model.digest(), 0L));
            double[] shares = shares(model, stepsBefore);
            for (int index = 0; index < shares.length; index++) {
                long ownTokens = Math.round(newTokens * shares[index]);
                model.plan().pipelines().get(index).stages().forEach(stage -> {
                    // A machine with stages of two models is lent once.
                    Contribution part = new Contribution(printable(stage.worker()), owner(status, stage.worker()),
                            before, now, seen.add(stage.worker()) ? seconds : 0,
                            ownTokens * (stage.last() - stage.first()), 0);
                    gathered.merge(part.machine(), part, Contribution::plus);
                });
            }
        });
    }

    /** Each pipeline's part of the model's tokens since the last look, as its part of all steps since then. */
    private double[] shares(ClusterStatus.Hosted model, Map<PipelineId, Long> stepsBefore) {
        int pipelines = model.plan().pipelines().size();
        double[] done = new double[pipelines];
        double all = 0;
        for (int index = 0; index < pipelines; index++) {
            PipelineId id = PipelineId.of(model, model.plan().pipelines().get(index));
            done[index] = Math.max(0, steps.getOrDefault(id, 0L) - stepsBefore.getOrDefault(id, 0L));
            all += done[index];
        }
        for (int index = 0; index < pipelines; index++) {
            done[index] = all > 0 ? done[index] / all : 1.0 / pipelines;
        }
        return done;
    }

    private static Map<PipelineId, Long> steps(ClusterStatus status) {
        Map<PipelineId, Long> steps = new HashMap<>();
        for (ClusterStatus.Hosted model : status.models()) {
            for (ClusterStatus.Pipeline pipeline : model.plan().pipelines()) {
                steps.put(PipelineId.of(model, pipeline),
                        pipeline.stages().stream().mapToLong(stage -> stage.done().steps()).max().orElse(0));
            }
        }
        return steps;
    }

    private static Map<String, Long> tokens(ClusterStatus status) {
        return status.models().stream().collect(Collectors.toMap(ClusterStatus.Hosted::digest,
                model -> model.activity().generatedTokensTotal()));
    }

    private boolean leads(ClusterStatus status) {
        return status.coordinators().size() < 2 || status.coordinators().stream()
                .anyMatch(coordinator -> coordinator.leads() && coordinator.httpAddress().equals(httpAddress));
    }

    private static String owner(ClusterStatus status, String machine) {
        return status.workers().stream().filter(worker -> worker.worker().equals(machine)).findFirst()
                .map(worker -> printable(worker.labels().getOrDefault(OWNER, ""))).orElse("");
    }

    /** Workers choose their names, and the ledger is for ever. */
    private static String printable(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.substring(0, Math.min(line.length(), MAX_TEXT));
    }

    /** Adds what was gathered; keeps it when the database is away. */
    void write() {
        writtenAt = clock.instant();
        if (gathered.isEmpty()) {
            return;
        }
        try {
            ledger.add(gathered.values());
            gathered.clear();
        } catch (AccountException away) {
            LOG.warn("{} What machines gave is written later.", away.getMessage());
        }
    }

    /** Writes what is left; blocks for a few seconds at most. */
    @Override
    public void close() {
        closing.countDown();
        try {
            if (!thread.join(LOOK)) {
                thread.interrupt();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
