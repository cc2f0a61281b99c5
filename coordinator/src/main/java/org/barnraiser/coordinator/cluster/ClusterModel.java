package org.barnraiser.coordinator.cluster;

import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.cluster.Phase.Ready;
import org.barnraiser.coordinator.cluster.Phase.Standby;
import org.barnraiser.coordinator.follow.Follower;
import org.barnraiser.coordinator.follow.Known;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.proto.DetokenizeRequest;
import org.barnraiser.proto.TokenizeRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerControlGrpc.WorkerControlBlockingStub;

/** The model that the cluster hosts, as its lifecycle has it at each moment. */
final class ClusterModel implements HostedModel, ClusterStatus.Source {
    private static final int RETRY_AFTER_SECONDS = 5;

    private final ModelDescription description;
    private final Replicas replicas;
    private final Follower follower;
    private final Generations generations;
    private final StatusReport status;
    private final Duration callDeadline;

    ClusterModel(ModelDescription description, Replicas replicas, Follower follower, Generations generations,
            StatusReport status, Duration callDeadline) {
        this.generations = generations;
        this.status = status;
        this.description = description;
        this.replicas = replicas;
        this.follower = follower;
        this.callDeadline = callDeadline;
    }

    @Override
    public ModelDescription description() {
        return description;
    }

    @Override
    public Readiness readiness() {
        LifecycleView view = replicas.spokesman().view();
        return view.phase() instanceof Standby ? follower.known().readiness() : view.readiness();
    }

    @Override
    public ImmutableIntArray tokenize(List<TextPart> parts, boolean addSpecial) throws ModelUnavailableException {
        Known.Tail tail = tail();
        TokenizeRequest.Builder request = TokenizeRequest.newBuilder()
                .setPipelineId(tail.pipelineId())
                .setAddSpecial(addSpecial);
        for (TextPart part : parts) {
            request.addParts(
                    TokenizeRequest.Part.newBuilder().setText(part.text()).setParseSpecial(part.parseSpecial()));
        }
        try {
            return checked(to(tail).tokenize(request.build()).getTokensList());
        } catch (StatusRuntimeException e) {
            throw tailFailed(e.getStatus());
        }
    }

    @Override
    public ByteString detokenize(ImmutableIntArray tokens) throws ModelUnavailableException {
        Known.Tail tail = tail();
        try {
            return ByteString.copyFrom(to(tail).detokenize(DetokenizeRequest.newBuilder()
                    .setPipelineId(tail.pipelineId()).addAllTokens(tokens.asList()).build()).getPiecesList());
        } catch (StatusRuntimeException e) {
            throw tailFailed(e.getStatus());
        }
    }

    private ImmutableIntArray checked(List<Integer> tokens) throws ModelUnavailableException {
        for (int token : tokens) {
            if (token < 0 || token >= description.vocabularySize()) {
                throw new ModelUnavailableException("The tail answered with a token that the model does not have.",
                        RETRY_AFTER_SECONDS);
            }
        }
        return ImmutableIntArray.copyOf(tokens);
    }

    @Override
    public Generation generate(GenerationRequest request, GenerationListener listener)
            throws ModelUnavailableException {
        if (readiness() instanceof Readiness.NotReady(String reason, int seconds, boolean takingOver)
                && !takingOver) {
            throw new ModelUnavailableException(reason, seconds);
        }
        return generations.start(request, listener);
    }

    @Override
    public int pipelines() {
        LifecycleView view = replicas.spokesman().view();
        return Math.max(1, view.phase() instanceof Standby
                ? follower.known().status().map(known -> known.plan().pipelines().size()).orElse(1)
                : replicas.ready().size());
    }

    private Known.Tail tail() throws ModelUnavailableException {
        return switch (replicas.spokesman().view().phase()) {
            case Ready(Rollout plan, _, _) -> new Known.Tail(plan.pipelineId(), plan.tail().worker().getAddress());
            case Standby _ -> {
                Known known = follower.known();
                yield known.tail().orElseThrow(() -> unavailable(known.readiness()));
            }
            case Phase other -> throw unavailable(other.readiness());
        };
    }

    /** Why a model that is not ready is not. */
    static ModelUnavailableException unavailable(Readiness readiness) {
        return switch (readiness) {
            case Readiness.NotReady(String reason, int retryAfterSeconds, _) -> new ModelUnavailableException(reason,
                    retryAfterSeconds);
            // It has become ready in between.
            case Readiness.Ready _ -> new ModelUnavailableException("The model has just become ready; ask again.", 1);
        };
    }

    private WorkerControlBlockingStub to(Known.Tail tail) {
        return WorkerControlGrpc.newBlockingStub(replicas.spokesman().channels().to(tail.address()))
                .withDeadlineAfter(callDeadline.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static ModelUnavailableException tailFailed(Status status) {
        return new ModelUnavailableException(
                "The worker that holds the vocabulary does not answer: " + StatusText.of(status)
                        + ".",
                RETRY_AFTER_SECONDS);
    }

    @Override
    public ClusterStatus clusterStatus() {
        Readiness readiness = readiness();
        return replicas.spokesman().view().phase() instanceof Standby
                ? follower.known().status().orElseGet(() -> status.now(readiness))
                : status.now(readiness);
    }
}
