package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.barnraiser.proto.VerifyProgress;
import org.barnraiser.proto.VerifyRequest;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.worker.shard.ShardCache;
import org.barnraiser.worker.shard.ShardCache.Damage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what is on this disk of a model again, one examination after the other, each on a virtual thread of its own. */
final class Examination {
    private static final Logger LOG = LoggerFactory.getLogger(Examination.class);
    private static final long INTERVAL_NANOS = 200_000_000;

    private final Channels channels;
    private final ShardCache cache;
    private final String incarnationId;
    private final PieceLedger ledger;
    private final ReentrantLock turn = new ReentrantLock(true);

    Examination(Channels channels, ShardCache cache, String incarnationId, PieceLedger ledger) {
        this.channels = channels;
        this.cache = cache;
        this.incarnationId = incarnationId;
        this.ledger = ledger;
    }

    /** Begins; returns at once. */
    void begin(VerifyRequest request, ServerCallStreamObserver<VerifyProgress> call) {
        Thread thread = Thread.ofVirtual().name("examination").unstarted(() -> run(request, call));
        call.setOnCancelHandler(thread::interrupt);
        thread.start();
    }

    private void run(VerifyRequest request, ServerCallStreamObserver<VerifyProgress> call) {
        try {
            LoadRequestCheck.checkSources(request.getWeightsAddress(), request.getHoldersList());
            List<Damage> damages = examine(request, call);
            var last = VerifyProgress.newBuilder().setFinished(true);
            for (Damage damage : damages) {
                LOG.warn("Tensor {} was damaged on this disk; it is {}", damage.tensorName(),
                        damage.repaired() ? "repaired" : "not repaired");
                last.addDamages(VerifyProgress.Damage.newBuilder().setTensorName(damage.tensorName())
                        .setRepaired(damage.repaired()));
            }
            call.onNext(last.build());
            call.onCompleted();
        } catch (StatusException e) {
            call.onError(e);
        } catch (IOException e) {
            call.onError(Status.INTERNAL.withDescription("The worker's disk failed: " + e.getMessage()).asException());
        } catch (InterruptedException _) {
            call.onError(Status.CANCELLED.asException());
        } catch (RuntimeException e) {
            LOG.error("The examination failed", e);
            call.onError(Status.INTERNAL.withDescription("The worker failed; its log says why.").asException());
        }
    }

    private List<Damage> examine(VerifyRequest request, ServerCallStreamObserver<VerifyProgress> call)
            throws IOException, InterruptedException {
        turn.lockInterruptibly();
        try (var sources = new SeveralSources(channels, incarnationId, request.getWeightsAddress(),
                request.getHoldersList(), List.of(), false, ledger, Courtesy.none())) {
            long[] lastNanos = {System.nanoTime() - INTERVAL_NANOS};
            return cache.examine(request.getModelDigest(), sources, (_, done, total) -> {
                long now = System.nanoTime();
                if (now - lastNanos[0] >= INTERVAL_NANOS && call.isReady()) {
                    lastNanos[0] = now;
                    call.onNext(VerifyProgress.newBuilder().setDoneBytes(done).setTotalBytes(total).build());
                }
            });
        } finally {
            turn.unlock();
        }
    }
}
