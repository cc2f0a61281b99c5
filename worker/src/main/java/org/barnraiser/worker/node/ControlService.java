package org.barnraiser.worker.node;

import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.DetokenizeRequest;
import org.barnraiser.proto.DetokenizeResponse;
import org.barnraiser.proto.LendRequest;
import org.barnraiser.proto.LendResponse;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.MeasureRequest;
import org.barnraiser.proto.MeasureResponse;
import org.barnraiser.proto.ProbeMessage;
import org.barnraiser.proto.PulseRequest;
import org.barnraiser.proto.ReachRequest;
import org.barnraiser.proto.ReachResponse;
import org.barnraiser.proto.TokenizeRequest;
import org.barnraiser.proto.TokenizeResponse;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.UnloadResponse;
import org.barnraiser.proto.VerifyProgress;
import org.barnraiser.proto.VerifyRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.reach.Whereabouts;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.TokenizationException;
import org.barnraiser.worker.llama.Vocabulary;
import org.barnraiser.worker.stage.PromptTokenizer;
import org.barnraiser.worker.stage.StageMeasurement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static java.util.Objects.requireNonNullElse;

/** The control plane. Every call has a virtual thread of its own and may block. */
final class ControlService extends WorkerControlGrpc.WorkerControlImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(ControlService.class);
    private static final int MAX_TEXT_CHARS = 8 << 20;
    private static final int MAX_PARTS = 100_000;
    private static final int MAX_DETOKENIZED = 1 << 20;
    private static final int MAX_PROBE_BYTES = 8 << 20;
    private static final Duration UNLOAD_TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_REACH_MILLIS = 10_000;
    private static final int MAX_ADDRESS_CHARS = 300;
    private static final long MEASURE_TIMEOUT_SECONDS = 60;

    private final StageRegistry registry;
    private final ShardLoader loader;
    private final Pulse pulse;
    private final Lending lending;
    private final Supplier<WorkerRecord> description;
    private final Runnable onChange;
    private final Examination examination;
    private final Channels channels;

    /**
     * @param onChange is called after the shards on disk or the wish may have changed
     */
    ControlService(StageRegistry registry, ShardLoader loader, Pulse pulse, Lending lending,
            Supplier<WorkerRecord> description, Runnable onChange, Examination examination, Channels channels) {
        this.registry = registry;
        this.loader = loader;
        this.pulse = pulse;
        this.lending = lending;
        this.description = description;
        this.onChange = onChange;
        this.examination = examination;
        this.channels = channels;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<WorkerRecord> response) {
        answer(response, description::get);
    }

    @Override
    public void loadShard(LoadShardRequest request, StreamObserver<LoadProgress> response) {
        var call = (ServerCallStreamObserver<LoadProgress>) response;
        // A thread of its own, because gRPC delivers the cancellation on the thread that it calls this method on.
        Thread thread = Thread.ofVirtual().name("load-" + request.getPipelineId()).unstarted(() -> load(request, call));
        call.setOnCancelHandler(thread::interrupt);
        thread.start();
    }

    private void load(LoadShardRequest request, ServerCallStreamObserver<LoadProgress> call) {
        try {
            loader.load(request, new ThrottledProgress(call));
            long total = request.getShard().getFileSizeBytes();
            call.onNext(
                    LoadProgress.newBuilder().setPhase(Phase.READY).setDoneBytes(total).setTotalBytes(total).build());
            call.onCompleted();
            LOG.info("{}: done for epoch {}", words(request), request.getEpoch());
        } catch (StatusException e) {
            LOG.warn("{}: {}", words(request), e.getMessage());
            call.onError(e);
        } catch (InterruptedException _) {
            call.onError(Status.ABORTED.withDescription("The load was cancelled.").asException());
        } catch (RejectedExecutionException _) {
            call.onError(Status.UNAVAILABLE.withDescription("The stage is busy.").asException());
        } catch (RuntimeException e) {
            LOG.error("{} failed", words(request), e);
            call.onError(Status.INTERNAL.withDescription("The worker failed; its log says why.").asException());
        } finally {
            onChange.run();
        }
    }

    private static String words(LoadShardRequest request) {
        var layers = request.getShard().getLayers();
        return request.getExtent() + " of layers " + layers.getFirst() + " to " + (layers.getLast() - 1);
    }

    @Override
    public void unload(UnloadRequest request, StreamObserver<UnloadResponse> response) {
        answer(response, () -> {
            List<HostedStage> stages = removed(request);
            stages.forEach(HostedStage::close);
            for (HostedStage stage : stages) {
                if (!stage.awaitClosed(UNLOAD_TIMEOUT)) {
                    throw Status.DEADLINE_EXCEEDED.withDescription("The stage has not stopped yet.").asException();
                }
                LOG.info("Unloaded: {}", stage);
            }
            return UnloadResponse.newBuilder().setUnloaded(!stages.isEmpty()).build();
        });
    }

    private List<HostedStage> removed(UnloadRequest request) throws StatusException, FencedException {
        if (request.getPipelineId().isEmpty()) {
            require(request.getShardId().isEmpty() != request.getModelDigest().isEmpty(),
                    "Either a pipeline, or a shard, or a model must be named.");
            if (!request.getModelDigest().isEmpty()) {
                return registry.removeModel(request.getModelDigest());
            }
            return registry.removePrepared(request.getShardId());
        }
        registry.fence(request.getPipelineId(), request.getEpoch());
        return registry.remove(request.getPipelineId(), request.getEpoch()).stream().toList();
    }

    @Override
    public void tokenize(TokenizeRequest request, StreamObserver<TokenizeResponse> response) {
        answer(response, () -> {
            long chars = request.getPartsList().stream().mapToLong(part -> part.getText().length()).sum();
            require(request.getPartsCount() <= MAX_PARTS && chars <= MAX_TEXT_CHARS,
                    "The text has " + chars + " characters; at most " + MAX_TEXT_CHARS + " can be tokenized at once.");
            int[] tokens = new PromptTokenizer(vocabulary(request.getPipelineId())).tokenize(request.getPartsList(),
                    request.getAddSpecial());
            return TokenizeResponse.newBuilder().addAllTokens(Arrays.stream(tokens).boxed().toList()).build();
        });
    }

    @Override
    public void detokenize(DetokenizeRequest request, StreamObserver<DetokenizeResponse> response) {
        answer(response, () -> {
            require(request.getTokensCount() <= MAX_DETOKENIZED,
                    "There are more than " + MAX_DETOKENIZED + " tokens to turn into text.");
            Vocabulary vocabulary = vocabulary(request.getPipelineId());
            var pieces = DetokenizeResponse.newBuilder();
            for (int token : request.getTokensList()) {
                require(token >= 0 && token < vocabulary.size(), "Token " + Integer.toUnsignedString(token)
                        + " is not one of the " + vocabulary.size() + " of the vocabulary.");
                pieces.addPieces(ByteString.copyFrom(vocabulary.piece(token)));
            }
            return pieces.build();
        });
    }

    @Override
    public void probe(ProbeMessage request, StreamObserver<ProbeMessage> response) {
        answer(response, () -> {
            require(request.getPayload().size() <= MAX_PROBE_BYTES,
                    "A probe carries at most " + MAX_PROBE_BYTES + " bytes.");
            return request;
        });
    }

    @Override
    public void pulse(PulseRequest request, StreamObserver<Beat> response) {
        pulse.listen((ServerCallStreamObserver<Beat>) response, request.getIntervalMillis());
    }

    @Override
    public void reach(ReachRequest request, StreamObserver<ReachResponse> response) {
        answer(response, () -> {
            int millis = request.getTimeoutMillis();
            require(millis >= 1 && millis <= MAX_REACH_MILLIS,
                    "timeout_millis is " + millis + ", outside 1.." + MAX_REACH_MILLIS + ".");
            require(isHostAndPort(request.getAddress()) || Whereabouts.parse(request.getAddress()).isPresent(),
                    "The address to reach is not host:port.");
            require(request.getProbeBytes() >= 0 && request.getProbeBytes() <= Reach.MAX_PROBE_BYTES,
                    "probe_bytes is " + Integer.toUnsignedString(request.getProbeBytes()) + ", more than "
                            + Reach.MAX_PROBE_BYTES + ".");
            return Reach.to(channels, request.getAddress(), millis, request.getProbeBytes());
        });
    }

    private static boolean isHostAndPort(String address) {
        try {
            return address.length() <= MAX_ADDRESS_CHARS && HostAndPort.fromString(address).getPort() > 0;
        } catch (IllegalArgumentException | IllegalStateException _) {
            return false;
        }
    }

    @Override
    public void lend(LendRequest request, StreamObserver<LendResponse> response) {
        answer(response, () -> {
            String reason = switch (request.getWish()) {
                case WISH_LEND -> "";
                case WISH_LEAVE -> "its layers are to move away";
                case WISH_RECLAIM -> "its owner wants it back";
                case UNRECOGNIZED ->
                    throw Status.INVALID_ARGUMENT.withDescription("That wish is unknown.").asException();
            };
            lending.say(request.getWish(), reason);
            onChange.run();
            return LendResponse.newBuilder().setRecord(description.get()).build();
        });
    }

    @Override
    public void verify(VerifyRequest request, StreamObserver<VerifyProgress> response) {
        examination.begin(request, (ServerCallStreamObserver<VerifyProgress>) response);
    }

    @Override
    public void measure(MeasureRequest request, StreamObserver<MeasureResponse> response) {
        answer(response, () -> {
            HostedStage stage = registry.findPrepared(request.getShardId())
                    .orElseThrow(() -> Status.FAILED_PRECONDITION
                            .withDescription("That shard is not prepared here, or it runs.").asException());
            StageMeasurement measured = measure(stage);
            return MeasureResponse.newBuilder().setDecodeMicros(measured.decodeMicros())
                    .setPrefillMicros(measured.prefillMicros()).setPrefillTokens(measured.prefillTokens()).build();
        });
    }

    private static StageMeasurement measure(HostedStage stage) throws StatusException, InterruptedException {
        Future<StageMeasurement> measuring = stage.call(() -> StageMeasurement.of(stage.engine()));
        try {
            return measuring.get(MEASURE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException _) {
            measuring.cancel(false);
            throw Status.DEADLINE_EXCEEDED.withDescription("The stage has not computed its steps within "
                    + MEASURE_TIMEOUT_SECONDS + " seconds.").asException();
        } catch (CancellationException _) {
            throw Status.UNAVAILABLE.withDescription("The stage is being unloaded.").asException();
        } catch (ExecutionException e) {
            throw Status.INTERNAL.withDescription("The stage cannot be measured: "
                    + requireNonNullElse(e.getCause(), e).getMessage()).asException();
        }
    }

    private Vocabulary vocabulary(String pipelineId) throws StatusException {
        HostedStage stage = registry.find(pipelineId).filter(found -> found.engine().spec().getTail())
                .orElseThrow(() -> FencedException.notHere(pipelineId).status().asException());
        return stage.engine().vocabulary();
    }

    private static void require(boolean condition, String problem) throws StatusException {
        if (!condition) {
            throw Status.INVALID_ARGUMENT.withDescription(problem).asException();
        }
    }

    /** The work of a call that answers once. */
    private interface Answer<T> {
        T get() throws StatusException, FencedException, LlamaException, InterruptedException;
    }

    private static <T> void answer(StreamObserver<T> response, Answer<T> answer) {
        try {
            response.onNext(answer.get());
            response.onCompleted();
        } catch (StatusException e) {
            response.onError(e);
        } catch (FencedException e) {
            response.onError(e.status().asException());
        } catch (TokenizationException | IllegalArgumentException e) {
            response.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException());
        } catch (LlamaException e) {
            response.onError(Status.INVALID_ARGUMENT.withDescription("llama.cpp refused it: " + e.getMessage())
                    .asException());
        } catch (InterruptedException _) {
            response.onError(Status.CANCELLED.asException());
        } catch (IllegalStateException | RejectedExecutionException e) {
            LOG.debug("A control call met a stage that is being unloaded", e);
            response.onError(Status.UNAVAILABLE.withDescription("The stage is busy, or being unloaded.").asException());
        }
    }

    /** Sends progress a few times a second, and only while the caller takes it. */
    private static final class ThrottledProgress implements ShardLoader.Progress {
        private static final long INTERVAL_NANOS = 100_000_000;

        private final ServerCallStreamObserver<LoadProgress> call;
        private Phase lastPhase = Phase.READY;
        private long lastNanos;

        ThrottledProgress(ServerCallStreamObserver<LoadProgress> call) {
            this.call = call;
        }

        @Override
        public void onProgress(LoadProgress progress) {
            long now = System.nanoTime();
            boolean due = progress.getPhase() != lastPhase || now - lastNanos > INTERVAL_NANOS;
            if (due && call.isReady()) {
                lastPhase = progress.getPhase();
                lastNanos = now;
                call.onNext(progress);
            }
        }
    }
}
