package org.barnraiser.coordinator.cluster;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.ResultsRequest;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.StageBeat;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.proto.StageTiming;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.proto.StepResult;
import org.barnraiser.proto.UnloadRequest;
import org.jspecify.annotations.Nullable;

/**
 * The data plane of a {@link ScriptedWorker}: hands steps on to the next stage and, as the tail, samples the token that equals the
 * position it will take. Refuses links and steps of another epoch than the loaded one.
 */
final class ScriptedStage extends StageGrpc.StageImplBase implements AutoCloseable {
    private final List<StreamObserver<LinkStatus>> links = new ArrayList<>();
    /** Results that nobody has asked for yet. */
    private final List<StepResult> waiting = new ArrayList<>();
    private @Nullable LoadShardRequest loaded;
    private @Nullable StreamObserver<StepResult> results;
    private @Nullable ManagedChannel nextChannel;
    private @Nullable StreamObserver<StepMessage> next;
    private boolean swallowing;
    private boolean remembering;
    private int allowedResults = Integer.MAX_VALUE;
    /** What each slot's cache holds. */
    private final Map<Integer, List<Integer>> histories = new HashMap<>();
    /** What is said is the time at which it is said. */
    private boolean sayingTimes;
    private Optional<Pause> pause = Optional.empty();
    private boolean wedged;
    private long stepsTotal;
    private long layerMicros;

    /** Between a step and its result. */
    private record Pause(ScheduledExecutorService clock, long millis) {}

    /** From now on each piece is the time, in nanoseconds of this machine's clock, at which its result left, so long after its step has come. */
    synchronized void sayTimesAfter(ScheduledExecutorService clock, long millis) {
        sayingTimes = true;
        pause = Optional.of(new Pause(clock, millis));
    }

    /** Whether the load is no older than what is loaded. */
    synchronized boolean load(LoadShardRequest request) {
        if (loaded != null && loaded.getEpoch() > request.getEpoch()) {
            return false;
        }
        loaded = request;
        next = null;
        results = null;
        waiting.clear();
        histories.clear();
        return true;
    }

    /** Frees what is loaded for a pipeline, unless it is newer. */
    synchronized void unload(UnloadRequest request) {
        if (loaded != null && loaded.getPipelineId().equals(request.getPipelineId())
                && loaded.getEpoch() <= request.getEpoch()) {
            loaded = null;
        }
    }

    synchronized boolean isLoaded() {
        return loaded != null;
    }

    /** What the stage does now; empty when none is loaded. */
    synchronized Optional<StageBeat> beat() {
        return Optional.ofNullable(loaded).map(load -> StageBeat.newBuilder()
                .setPipelineId(load.getPipelineId())
                .setEpoch(load.getEpoch())
                .setShardId(load.getShard().getShardId())
                .setStepsTotal(stepsTotal)
                .setBusyMillis(wedged ? 3_600_000 : 0)
                .build());
    }

    /** From now on the engine is at one step for ever. */
    synchronized void wedge() {
        wedged = true;
        swallowing = true;
    }

    /** What a step takes here, through one layer. */
    synchronized void computeLayerIn(long micros) {
        layerMicros = micros;
    }

    /** From now on steps are taken and never answered. */
    synchronized void swallowSteps() {
        swallowing = true;
    }

    /**
     * From now on the token that is sampled depends on all tokens before it, so that one that is lost, comes twice or is replayed
     * wrongly changes all that follow; and only so many results are given, until more are allowed.
     */
    synchronized void rememberAndPause(int results) {
        remembering = true;
        allowedResults = results;
    }

    synchronized void allowResults(int more) {
        allowedResults += more;
        deliver();
    }

    synchronized void allowResults() {
        allowedResults = Integer.MAX_VALUE;
        deliver();
    }

    /** What an undisturbed answer is, while remembering. */
    static List<Integer> answer(List<Integer> prompt, int tokens) {
        List<Integer> history = new ArrayList<>(prompt);
        for (int i = 0; i < tokens; i++) {
            history.add(next(history));
        }
        return history.subList(prompt.size(), history.size());
    }

    private static int next(List<Integer> history) {
        return Math.floorMod(history.hashCode(), PlainShardSource.VOCABULARY_SIZE);
    }

    /** Steps that it has answered. */
    synchronized long stepsHeard() {
        return stepsTotal;
    }

    /** Ends the streams of steps that lead here, as a stage does when it cannot go on. */
    synchronized void breakLinks() {
        links.forEach(
                link -> link.onError(Status.ABORTED.withDescription("the engine has failed").asRuntimeException()));
        links.clear();
    }

    @Override
    public synchronized StreamObserver<StepMessage> steps(StreamObserver<LinkStatus> status) {
        links.add(status);
        return new StreamObserver<>() {
            @Override
            public void onNext(StepMessage message) {
                receive(message, status);
            }

            @Override
            public void onError(Throwable error) {
                forget(status);
            }

            @Override
            public void onCompleted() {
                forget(status);
            }
        };
    }

    private synchronized void forget(StreamObserver<LinkStatus> status) {
        links.remove(status);
    }

    private synchronized void receive(StepMessage message, StreamObserver<LinkStatus> status) {
        if (message.hasOpen()) {
            open(message.getOpen(), status);
        } else if (!swallowing) {
            process(message);
        }
    }

    private void open(LinkOpen open, StreamObserver<LinkStatus> status) {
        if (loaded == null || loaded.getEpoch() != open.getEpoch()) {
            links.remove(status);
            status.onError(
                    Status.FAILED_PRECONDITION.withDescription("another plan is loaded here").asRuntimeException());
            return;
        }
        if (!loaded.getNextStageAddress().isEmpty()) {
            close();
            nextChannel = NettyChannelBuilder.forTarget("dns:///" + loaded.getNextStageAddress()).usePlaintext()
                    .build();
            next = StageGrpc.newStub(nextChannel).steps(new NextStatus(status));
            next.onNext(
                    StepMessage.newBuilder().setOpen(open.toBuilder().setStageIndex(open.getStageIndex() + 1)).build());
        } else {
            status.onNext(LinkStatus.newBuilder().setOpened(true).build());
        }
    }

    private void process(StepMessage message) {
        stepsTotal++;
        Step timed = timed(message.getStep());
        if (next != null) {
            next.onNext(StepMessage.newBuilder().setStep(timed).build());
        } else {
            pause.ifPresentOrElse(wait -> {
                var _ = wait.clock().schedule(() -> answer(timed), wait.millis(), TimeUnit.MILLISECONDS);
            }, () -> answer(timed));
        }
    }

    private synchronized void answer(Step step) {
        waiting.add(finish(step));
        deliver();
    }

    private Step timed(Step step) {
        if (loaded == null || layerMicros == 0) {
            return step;
        }
        long layers = (long) loaded.getShard().getLayers().getLast() - loaded.getShard().getLayers().getFirst();
        return step.toBuilder().addTimings(StageTiming.newBuilder().setStageIndex(loaded.getStageIndex())
                .setComputeMicros(layers * layerMicros)).build();
    }

    private void apply(CacheEdit edit) {
        if (edit.hasDrop()) {
            List<Integer> history = history(edit.getDrop().getSlot());
            history.subList(Math.min(edit.getDrop().getFromPosition(), history.size()), history.size()).clear();
        } else if (edit.hasCopy()) {
            histories.put(edit.getCopy().getToSlot(), new ArrayList<>(
                    history(edit.getCopy().getFromSlot()).subList(0, edit.getCopy().getToPosition())));
        }
    }

    private List<Integer> history(int slot) {
        return histories.computeIfAbsent(slot, _ -> new ArrayList<>());
    }

    private StepResult finish(Step step) {
        StepResult.Builder result = StepResult.newBuilder().setEpoch(step.getEpoch()).setNumber(step.getNumber())
                .addAllTimings(step.getTimingsList());
        step.getEditsList().forEach(this::apply);
        int fed = 0;
        for (Span span : step.getSpansList()) {
            int position = span.getStartPosition() + span.getTokenCount() - span.getDraftCount();
            List<Integer> history = history(span.getSlot());
            history.subList(Math.min(span.getStartPosition(), history.size()), history.size()).clear();
            history.addAll(step.getTokensList().subList(fed, fed += span.getTokenCount()));
            history.subList(position, history.size()).clear(); // no draft is right
            if (span.getWanted() != Span.Wanted.NOTHING) {
                result.addSpans(SpanResult.newBuilder()
                        .setSlot(span.getSlot())
                        .addSampled(SampledToken.newBuilder()
                                .setToken(remembering ? next(history) : position)
                                .setPosition(position)
                                .setPiece(ByteString.copyFromUtf8(
                                        sayingTimes ? System.nanoTime() + " " : " " + position))));
            }
        }
        return result.build();
    }

    @Override
    public synchronized void results(ResultsRequest request, StreamObserver<StepResult> observer) {
        ((ServerCallStreamObserver<StepResult>) observer).setOnCancelHandler(() -> forgetResults(observer));
        results = observer;
        deliver();
    }

    private synchronized void forgetResults(StreamObserver<StepResult> observer) {
        if (observer.equals(results)) {
            results = null;
        }
    }

    private void deliver() {
        while (results != null && !waiting.isEmpty() && allowedResults > 0) {
            allowedResults--;
            results.onNext(waiting.removeFirst());
        }
    }

    @Override
    public synchronized void close() {
        if (nextChannel != null) {
            nextChannel.shutdownNow();
            nextChannel = null;
        }
    }

    /** A link is open when the next one is, and breaks with it. */
    private record NextStatus(StreamObserver<LinkStatus> before) implements StreamObserver<LinkStatus> {
        @Override
        public void onNext(LinkStatus status) {
            before.onNext(status);
        }

        @Override
        public void onError(Throwable error) {
            before.onError(Status.UNAVAILABLE.withDescription("the next stage is gone").asRuntimeException());
        }

        @Override
        public void onCompleted() {
            before.onCompleted();
        }
    }
}
