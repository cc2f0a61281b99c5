package org.barnraiser.worker.node;

import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.proto.AdapterCut;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.worker.shard.CachedShard;
import org.barnraiser.worker.shard.ShardCache;
import org.barnraiser.worker.shard.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * Brings shards into the cache, one after the other, as they compete for one disk and one network. What is to run goes
 * first: it interrupts what is fetched for later, which goes on afterwards from where it was. Safe for use by several
 * threads.
 */
final class ShardFetcher {
    private final Channels channels;
    private final ShardCache cache;
    private final String incarnationId;
    private final PieceLedger ledger;
    private final Courtesy courtesy;
    /** These two are guarded by this. */
    private int urgent;
    private final Set<Attempt> attempts = new HashSet<>();

    /** @param courtesy for what is not urgent */
    ShardFetcher(Channels channels, ShardCache cache, String incarnationId, PieceLedger ledger, Courtesy courtesy) {
        this.courtesy = courtesy;
        this.channels = channels;
        this.cache = cache;
        this.incarnationId = incarnationId;
        this.ledger = ledger;
    }

    /** Fetches a shard that is to run. Blocks; interrupting the thread cancels. */
    StageFiles fetchNow(LoadShardRequest request, ShardLoader.Progress progress)
            throws ShardException, IOException, InterruptedException {
        synchronized (this) {
            urgent++;
            attempts.forEach(Attempt::interrupt);
        }
        try {
            return acquire(request, progress, Courtesy.none());
        } finally {
            synchronized (this) {
                urgent--;
                notifyAll();
            }
        }
    }

    /** Fetches a shard that may be of use later. Blocks; interrupting the thread cancels. */
    StageFiles fetchWhenIdle(LoadShardRequest request, ShardLoader.Progress progress)
            throws ShardException, IOException, InterruptedException {
        while (true) {
            var attempt = new Attempt(request, progress);
            synchronized (this) {
                while (urgent > 0) {
                    wait(); // each urgent fetch has its own deadlines, and interrupting this thread cancels
                }
                attempts.add(attempt);
            }
            try {
                StageFiles shard = attempt.run();
                if (shard != null) {
                    return shard;
                }
            } finally {
                synchronized (this) {
                    attempts.remove(attempt);
                }
            }
        }
    }

    private StageFiles acquire(LoadShardRequest request, ShardLoader.Progress progress, Courtesy towardsSteps)
            throws ShardException, IOException, InterruptedException {
        CachedShard shard;
        try (var sources = new SeveralSources(channels, incarnationId, request.getWeightsAddress(),
                request.getHoldersList(), request.getOriginsList(), request.getSpare(), ledger, towardsSteps)) {
            shard = cache.acquire(request.getShard(), sources, (phase, done, total) -> progress.onProgress(
                    LoadProgress.newBuilder().setPhase(phase).setDoneBytes(done).setTotalBytes(total).build()));
        }
        var files = new StageFiles(shard, new LinkedHashMap<>());
        try {
            acquireAdapters(request, files.adapters());
            return files;
        } catch (ShardException | IOException | InterruptedException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /** Adapters are small, so the coordinator alone is asked for them. */
    private void acquireAdapters(LoadShardRequest request, Map<String, Optional<CachedShard>> acquired)
            throws ShardException, IOException, InterruptedException {
        try (var coordinator = new SeveralSources(channels, incarnationId, request.getWeightsAddress(), List.of(),
                List.of(), request.getSpare(), ledger, Courtesy.none())) {
            for (AdapterCut cut : request.getAdaptersList()) {
                acquired.put(cut.getDigest(), cut.hasFile()
                        ? Optional.of(cache.acquire(cut.getFile(), coordinator, (_, _, _) -> {}))
                        : Optional.empty());
            }
        }
    }

    /** One attempt to fetch, on a thread of its own, so that its interruption is not taken for the caller's. */
    private final class Attempt {
        private final Thread thread;
        private @Nullable StageFiles shard;
        private @Nullable Exception failure;

        Attempt(LoadShardRequest request, ShardLoader.Progress progress) {
            thread = Thread.ofVirtual().name("fetch").unstarted(() -> {
                try {
                    shard = acquire(request, progress, courtesy);
                } catch (ShardException | IOException | InterruptedException | RuntimeException e) {
                    failure = e;
                }
            });
        }

        void interrupt() {
            thread.interrupt();
        }

        /** The shard, or null when the attempt was interrupted by another fetch. */
        @Nullable
        StageFiles run() throws ShardException, IOException, InterruptedException {
            thread.start();
            try {
                thread.join();
            } catch (InterruptedException e) {
                thread.interrupt();
                joinUninterruptibly();
                if (shard != null) {
                    shard.close();
                }
                throw e;
            }
            return switch (failure) {
                case null -> shard;
                case InterruptedException _ -> null;
                case ShardException e -> throw e;
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                default -> throw new IllegalStateException("No other exception is kept", failure);
            };
        }

        /** The interrupted thread ends soon, and what it holds must not be left behind. */
        private void joinUninterruptibly() {
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
