package org.barnraiser.coordinator.cluster;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.WeightsCheck;
import org.barnraiser.proto.VerifyProgress;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** Has all workers read their disks at the same time; one virtual thread waits for each. */
final class WorkerExaminations implements WeightsCheck {
    private static final Duration STALL = Duration.ofMinutes(2);
    private static final int MAX_NAME = 256;

    private final Replicas replicas;
    private final LoadRequests loads;
    private final String modelDigest;
    /** Guarded by this. */
    private ImmutableList<Examination> examinations = ImmutableList.of();

    WorkerExaminations(Replicas replicas, LoadRequests loads, String modelDigest) {
        this.replicas = replicas;
        this.loads = loads;
        this.modelDigest = modelDigest;
    }

    @Override
    public synchronized State begin() {
        if (!state().running()) {
            examinations = replicas.all().getFirst().view().workers().stream().map(Examination::new)
                    .collect(toImmutableList());
            examinations.forEach(examination -> Thread.ofVirtual()
                    .name("examination-" + examination.worker.getWorkerId()).start(examination::run));
        }
        return state();
    }

    @Override
    public synchronized State state() {
        return new State(examinations.stream().anyMatch(examination -> !examination.ended), modelDigest,
                examinations.stream().mapToLong(examination -> examination.progress.getDoneBytes()).sum(),
                examinations.stream().mapToLong(examination -> examination.progress.getTotalBytes()).sum(),
                examinations.stream().map(examination -> examination.worker.getWorkerId()).toList(),
                examinations.stream().flatMap(Examination::damages).toList(),
                examinations.stream().flatMap(examination -> Stream.ofNullable(examination.failure)).toList());
    }

    /** One worker's. */
    private final class Examination {
        private final WorkerRecord worker;
        private volatile VerifyProgress progress = VerifyProgress.getDefaultInstance();
        private volatile List<VerifyProgress.Damage> found = List.of();
        private volatile @Nullable String failure;
        private volatile boolean ended;

        Examination(WorkerRecord worker) {
            this.worker = worker;
        }

        Stream<Damage> damages() {
            return found.stream().map(damage -> new Damage(worker.getWorkerId(), plain(damage.getTensorName()),
                    damage.getRepaired()));
        }

        void run() {
            BlockingClientCall<?, VerifyProgress> call = WorkerControlGrpc
                    .newBlockingV2Stub(replicas.of(worker).channels().to(worker.getAddress()))
                    .verify(loads.verification(worker));
            try {
                boolean finished = false;
                VerifyProgress message;
                while ((message = call.read(STALL.toNanos(), TimeUnit.NANOSECONDS)) != null) {
                    finished = message.getFinished();
                    if (finished) {
                        found = message.getDamagesList();
                    } else {
                        progress = message;
                    }
                }
                failure = finished ? null : fails("it stopped without a reason");
            } catch (StatusException e) {
                failure = fails(StatusText.of(e.getStatus()));
            } catch (TimeoutException _) {
                call.cancel("the worker says nothing", null);
                failure = fails("it has said nothing for " + STALL.toSeconds() + " s");
            } catch (InterruptedException _) {
                call.cancel("the coordinator is stopping", null);
                failure = fails("the coordinator is stopping");
            } finally {
                ended = true;
            }
        }

        private String fails(String why) {
            return "Worker " + worker.getWorkerId() + " could not be checked: " + why + ".";
        }
    }

    private static String plain(String said) {
        return CharMatcher.javaIsoControl().removeFrom(said.substring(0, Math.min(said.length(), MAX_NAME)));
    }
}
