package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.worker.node.MemoryBudget.OutOfBudgetException;
import org.barnraiser.worker.shard.DamagedPieceException;
import org.barnraiser.worker.shard.InvalidShardSpecException;
import org.barnraiser.worker.shard.NoSpaceException;
import org.barnraiser.worker.shard.ShardException;
import org.barnraiser.worker.shard.ShardSpecCheck;
import org.barnraiser.worker.shard.WeightsUnavailableException;
import org.barnraiser.worker.stage.StageSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings stages up. A stage that is loaded already serves at once. Else the shard is fetched, where what is to run goes
 * before what is prepared, and then opened by llama.cpp, where all take turns, as they compete for one memory. A load cancels
 * an earlier one for the same purpose.
 */
final class ShardLoader {
    private static final Logger LOG = LoggerFactory.getLogger(ShardLoader.class);
    private static final Duration UNLOAD_TIMEOUT = Duration.ofSeconds(60);

    private final StageRegistry registry;
    private final ShardFetcher fetcher;
    private final StageOpener opener;
    private final LoadClaims claims;
    private final Lending lending;
    private final ReentrantLock turn = new ReentrantLock(true);

    /** Hears of a load's progress on the thread that works on it. */
    interface Progress {
        void onProgress(LoadProgress progress);
    }

    ShardLoader(StageRegistry registry, ShardFetcher fetcher, StageOpener opener, LoadClaims claims,
            Lending lending) {
        this.registry = registry;
        this.fetcher = fetcher;
        this.opener = opener;
        this.claims = claims;
        this.lending = lending;
    }

    /**
     * Goes as far as the request wants. Blocks until that is done; interrupting the thread cancels.
     *
     * @throws StatusException as WorkerControl.LoadShard documents
     */
    void load(LoadShardRequest request, Progress progress) throws StatusException, InterruptedException {
        try {
            ShardSpecCheck.check(request.getShard());
            AdapterCutCheck.check(request);
            LoadRequestCheck.check(request);
            lending.check(request, registry.find(request.getPipelineId()).isPresent());
            switch (request.getExtent()) {
                case RUN -> run(request, progress);
                case PREPARE -> prepare(request, progress);
                case FETCH -> fetch(request, progress);
                case UNRECOGNIZED -> throw new IllegalArgumentException("An extent that was checked is unknown");
            }
        } catch (FencedException e) {
            throw e.status().asException();
        } catch (ShardException e) {
            throw status(e);
        } catch (IOException e) {
            throw Status.INTERNAL.withDescription("The worker's disk failed: " + e.getMessage() + ".").asException();
        } catch (OutOfBudgetException e) {
            throw Status.RESOURCE_EXHAUSTED.withDescription(e.getMessage()).asException();
        }
    }

    private void fetch(LoadShardRequest request, Progress progress)
            throws ShardException, IOException, InterruptedException {
        try (var _ = claims.claim(request)) {
            fetcher.fetchWhenIdle(request, progress).close();
        }
    }

    private void prepare(LoadShardRequest request, Progress progress) throws StatusException, ShardException,
            FencedException, IOException, OutOfBudgetException, InterruptedException {
        StageSettings settings = opener.settings(request);
        try (var _ = claims.claim(request)) {
            if (registry.holds(request.getShard(), settings)) {
                return;
            }
            opener.requireRoom(request, List.of());
            open(request, fetcher.fetchWhenIdle(request, progress), settings, progress,
                    () -> registry.holds(request.getShard(), settings), stage -> add(stage, registry::addPrepared));
        }
    }

    private void run(LoadShardRequest request, Progress progress) throws StatusException, ShardException,
            FencedException, IOException, OutOfBudgetException, InterruptedException {
        var binding = Binding.of(request);
        registry.fence(binding.pipelineId(), binding.epoch());
        try (var _ = claims.claim(request)) {
            StageSettings settings = opener.settings(request);
            while (!serve(binding, request.getShard(), settings)) {
                opener.requireRoom(request, registry.releasable(binding, digest(request)));
                StageFiles files = binding.draft()
                        ? fetcher.fetchWhenIdle(request, progress)
                        : fetcher.fetchNow(request, progress);
                try {
                    open(request, files, settings, progress, () -> serve(binding, request.getShard(), settings),
                            stage -> add(stage, added -> close(registry.add(added, binding))));
                    return;
                } catch (OutOfBudgetException e) {
                    makeRoom(binding, digest(request), e);
                }
            }
        }
    }

    /** Whether a stage that is loaded serves this now. */
    private boolean serve(Binding binding, ShardSpec shard, StageSettings settings) throws FencedException,
            InterruptedException {
        Optional<List<HostedStage>> displaced = registry.serve(binding, shard, settings);
        if (displaced.isPresent()) {
            close(displaced.get());
        }
        return displaced.isPresent();
    }

    private static void add(HostedStage stage, Owner owner) throws FencedException, InterruptedException {
        try {
            owner.accept(stage);
        } catch (FencedException e) {
            stage.close();
            throw e;
        }
    }

    /** Unloads what older plans left here, or else what is only prepared, so that the load may be tried again. */
    private void makeRoom(Binding binding, String modelDigest, OutOfBudgetException reason)
            throws OutOfBudgetException, StatusException, InterruptedException {
        List<HostedStage> obsolete = registry.removeObsolete(binding, modelDigest);
        List<HostedStage> released = obsolete.isEmpty() && !binding.draft() ? registry.removePrepared() : obsolete;
        if (released.isEmpty()) {
            throw reason;
        }
        if (!close(released)) {
            throw Status.UNAVAILABLE.withDescription("The stage that is loaded here has not stopped within "
                    + UNLOAD_TIMEOUT.toSeconds() + " seconds.").asException();
        }
    }

    /** Whether all were freed in time. */
    private static boolean close(List<HostedStage> stages) throws InterruptedException {
        stages.forEach(HostedStage::close);
        boolean closed = true;
        for (HostedStage stage : stages) {
            closed &= stage.awaitClosed(UNLOAD_TIMEOUT);
        }
        if (!closed) {
            LOG.warn("A stage that was unloaded is still computing and keeps its memory");
        }
        return closed;
    }

    /** Whether a stage is not needed any more, because one like it is loaded by now. */
    private interface Present {
        boolean now() throws FencedException, InterruptedException;
    }

    /** Takes over a stage that was opened. */
    private interface Owner {
        void accept(HostedStage stage) throws FencedException, InterruptedException;
    }

    /** Opens a stage on the shard, while no other is being opened, unless it is present by then. */
    private void open(LoadShardRequest request, StageFiles files, StageSettings settings, Progress progress,
            Present present, Owner owner)
            throws StatusException, ShardException, FencedException, IOException, OutOfBudgetException,
            InterruptedException {
        boolean handedOn = false;
        try {
            turn.lockInterruptibly();
            try {
                if (!present.now()) {
                    progress.onProgress(LoadProgress.newBuilder().setPhase(Phase.LOADING)
                            .setTotalBytes(files.shard().spec().getFileSizeBytes()).build());
                    handedOn = true;
                    owner.accept(opener.open(request, files, settings));
                }
            } finally {
                turn.unlock();
            }
        } finally {
            if (!handedOn) {
                files.close();
            }
        }
    }

    private static String digest(LoadShardRequest request) {
        return request.getShard().getModelDigest();
    }

    private static StatusException status(ShardException e) {
        Status status = switch (e) {
            case InvalidShardSpecException _ -> Status.INVALID_ARGUMENT;
            case DamagedPieceException _ -> Status.DATA_LOSS;
            case NoSpaceException _ -> Status.RESOURCE_EXHAUSTED;
            case WeightsUnavailableException _ -> Status.UNAVAILABLE;
        };
        return status.withDescription(e.getMessage()).asException();
    }
}
