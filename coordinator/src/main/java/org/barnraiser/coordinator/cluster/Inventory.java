package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSet;
import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.weights.Holdings;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.ListRequest;
import org.barnraiser.proto.PieceList;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static java.util.Objects.requireNonNull;

/** Asks workers what is on their disks whenever their pulse says that it has changed. Owned by the event loop. */
final class Inventory {
    private static final Logger LOG = LoggerFactory.getLogger(Inventory.class);
    private static final int SHA256_BYTES = 32;
    private static final int MAX_PIECES = 200_000;
    /** While a worker fetches, its disk changes all the time. */
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Holdings holdings;
    private final WorkerChannels channels;
    private final Duration deadline;
    private final Ticker ticker;
    /** By incarnation. */
    private final Map<String, Asked> asked = new HashMap<>();

    private record Asked(long change, long nanos) {}

    Inventory(Holdings holdings, WorkerChannels channels, Duration deadline, Ticker ticker) {
        this.holdings = holdings;
        this.channels = channels;
        this.deadline = deadline;
        this.ticker = ticker;
    }

    /** These workers are there, and no others. */
    void onWorkers(List<WorkerRecord> workers) {
        ImmutableSet<String> known = workers.stream().map(WorkerRecord::getIncarnationId).collect(toImmutableSet());
        asked.keySet().retainAll(known);
        holdings.retain(known);
    }

    /** Asks those whose disk has changed since they were asked. Returns at once. */
    void onTick(List<WorkerRecord> workers, Vitals vitals) {
        for (WorkerRecord worker : workers) {
            long change = vitals.beat(worker.getIncarnationId()).map(Beat::getPieces)
                    .map(pieces -> pieces.getChange()).orElse(0L);
            Asked last = asked.get(worker.getIncarnationId());
            boolean due = last == null
                    || (last.change() != change && ticker.read() - last.nanos() > PAUSE.toNanos());
            if (change != 0 && due) {
                asked.put(worker.getIncarnationId(), new Asked(change, ticker.read()));
                ask(worker);
            }
        }
    }

    private void ask(WorkerRecord worker) {
        var answer = WeightsGrpc.newFutureStub(channels.to(worker.getAddress()))
                .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                .list(ListRequest.newBuilder().setModelDigest(holdings.modelDigest()).build());
        Futures.addCallback(answer, new FutureCallback<PieceList>() {
            @Override
            public void onSuccess(@Nullable PieceList list) {
                holdings.put(worker.getIncarnationId(), worker.getWorkerId(), worker.getAddress(),
                        requireNonNull(list).getSha256List().stream().filter(sha256 -> sha256.size() == SHA256_BYTES)
                                .limit(MAX_PIECES).collect(toImmutableSet()));
            }

            @Override
            public void onFailure(Throwable error) {
                LOG.info("Worker {} does not say what it has of the model: {}", worker.getWorkerId(),
                        error.getMessage());
            }
        }, MoreExecutors.directExecutor());
    }
}
