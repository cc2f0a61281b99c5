package org.barnraiser.worker.node;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.barnraiser.proto.Holder;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.PieceTraffic;
import org.barnraiser.worker.shard.ShardCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this worker has moved of weights since it was started, and whom it does not ask any more because they have
 * sent wrong bytes. Safe for use by several threads; never blocks.
 */
final class PieceLedger {
    private static final Logger LOG = LoggerFactory.getLogger(PieceLedger.class);
    /** A disk that gave a wrong bit once may do so again, but a cluster must not fall apart over it. */
    private static final Duration DISTRUST = Duration.ofMinutes(10);
    private static final int MAX_TROUBLES = 8;

    private final InstantSource clock;
    private final AtomicLong fromWorkers = new AtomicLong();
    private final AtomicLong fromCoordinator = new AtomicLong();
    private final AtomicLong fromWeb = new AtomicLong();
    private final AtomicLong served = new AtomicLong();
    /** By worker or host. */
    private final Map<String, Wrong> wrong = new ConcurrentHashMap<>();

    private record Wrong(long untilMillis, String sentence) {}

    PieceLedger(InstantSource clock) {
        this.clock = clock;
    }

    void onFromWorker(long bytes) {
        fromWorkers.addAndGet(bytes);
    }

    void onFromCoordinator(long bytes) {
        fromCoordinator.addAndGet(bytes);
    }

    void onFromWeb(long bytes) {
        fromWeb.addAndGet(bytes);
    }

    void onServed(long bytes) {
        served.addAndGet(bytes);
    }

    /** A worker has sent wrong bytes: it is not asked for a while. */
    void onWrong(Holder holder, Piece piece) {
        distrust(key(holder), "Worker " + holder.getWorkerId() + " at " + holder.getAddress(), piece);
    }

    /** The same of a web server, whose file may be another one now. */
    void onWrong(String host, Piece piece) {
        distrust(key(host), "The web server " + host, piece);
    }

    private void distrust(String key, String who, Piece piece) {
        String sentence = who + " has sent wrong bytes of tensor " + piece.getTensorName() + "; it is not asked for "
                + DISTRUST.toMinutes() + " minutes.";
        LOG.warn("{}", sentence);
        wrong.put(key, new Wrong(clock.millis() + DISTRUST.toMillis(), sentence));
    }

    boolean trusts(Holder holder) {
        return trustsKey(key(holder));
    }

    boolean trusts(String host) {
        return trustsKey(key(host));
    }

    private static String key(Holder holder) {
        return "worker " + holder.getWorkerId();
    }

    private static String key(String host) {
        return "host " + host;
    }

    private boolean trustsKey(String key) {
        Wrong known = wrong.get(key);
        return known == null || known.untilMillis() < clock.millis();
    }

    PieceTraffic traffic(ShardCache cache) {
        var traffic = PieceTraffic.newBuilder().setChange(cache.changes()).setFromWorkersBytes(fromWorkers.get())
                .setFromCoordinatorBytes(fromCoordinator.get()).setFromOriginsBytes(fromWeb.get())
                .setServedBytes(served.get());
        long now = clock.millis();
        wrong.values().removeIf(known -> known.untilMillis() < now);
        wrong.values().stream().limit(MAX_TROUBLES).map(Wrong::sentence).forEach(traffic::addTroubles);
        return traffic.build();
    }
}
