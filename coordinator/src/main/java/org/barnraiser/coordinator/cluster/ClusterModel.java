package org.barnraiser.coordinator.cluster;

import com.google.common.primitives.ImmutableIntArray;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.barnraiser.coordinator.cluster.Phase.Ready;
import org.barnraiser.coordinator.cluster.Phase.Standby;
import org.barnraiser.coordinator.follow.Follower;
import org.barnraiser.coordinator.follow.Known;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.InvalidSchemaException;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.proto.JsonSchemaToGrammarRequest;
import org.barnraiser.proto.TokenizeRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerControlGrpc.WorkerControlBlockingStub;

/** The model that the cluster hosts, as its lifecycle has it at each moment. */
final class ClusterModel implements HostedModel, ClusterStatus.Source {
    private static final int RETRY_AFTER_SECONDS = 5;
    private static final Duration NEXT_TRY = Duration.ofMillis(50);
    /** What a tail, or its connection, says when it is no tail of this model any more. */
    private static final Set<Status.Code> GONE = Set.of(Status.Code.UNAVAILABLE, Status.Code.NOT_FOUND,
            Status.Code.ABORTED, Status.Code.CANCELLED, Status.Code.DEADLINE_EXCEEDED);

    private final ModelDescription description;
    private final ModelLifecycle lifecycle;
    private final Follower follower;
    private final Generations generations;
    private final StatusReport status;
    private final WorkerChannels channels;
    private final Duration callDeadline;
    private final Duration patience;

    /**
     * Makes a model.
     *
     * @param callDeadline of one call to the tail
     * @param patience how long a question waits while the model is being taken over
     */
    ClusterModel(ModelDescription description, ModelLifecycle lifecycle, Follower follower, Generations generations,
            StatusReport status, WorkerChannels channels, Duration callDeadline, Duration patience) {
        this.generations = generations;
        this.status = status;
        this.description = description;
        this.lifecycle = lifecycle;
        this.follower = follower;
        this.channels = channels;
        this.callDeadline = callDeadline;
        this.patience = patience;
    }

    @Override
    public ModelDescription description() {
        return description;
    }

    @Override
    public Readiness readiness() {
        ModelLifecycle.View view = lifecycle.view();
        return view.phase() instanceof Standby ? follower.known().readiness() : view.readiness();
    }

    @Override
    public ImmutableIntArray tokenize(List<TextPart> parts, boolean addSpecial) throws ModelUnavailableException {
        TokenizeRequest.Builder request = TokenizeRequest.newBuilder().setAddSpecial(addSpecial);
        for (TextPart part : parts) {
            request.addParts(
                    TokenizeRequest.Part.newBuilder().setText(part.text()).setParseSpecial(part.parseSpecial()));
        }
        try {
            return checked(patiently(tail -> to(tail).tokenize(request.setPipelineId(tail.pipelineId()).build()))
                    .getTokensList());
        } catch (StatusRuntimeException e) {
            throw tailFailed(e.getStatus());
        }
    }

    /**
     * Asks the tail, and while the model is being taken over waits for the next one, as answers do.
     *
     * @throws StatusRuntimeException as the last tail that was asked had it
     */
    private <T> T patiently(Function<Known.Tail, T> question) throws ModelUnavailableException {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return question.apply(tail());
            } catch (ModelUnavailableException e) {
                if (!isBeingTakenOver() || System.nanoTime() > deadlineNanos) {
                    throw e;
                }
            } catch (StatusRuntimeException e) {
                if (!GONE.contains(e.getStatus().getCode()) || System.nanoTime() > deadlineNanos) {
                    throw e;
                }
            }
            awaitNextTry();
        }
    }

    private boolean isBeingTakenOver() {
        return switch (readiness()) {
            case Readiness.Ready _ -> true;
            case Readiness.NotReady(_, _, boolean takingOver) -> takingOver;
        };
    }

    private static void awaitNextTry() throws ModelUnavailableException {
        try {
            Thread.sleep(NEXT_TRY);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new ModelUnavailableException("The question was interrupted.", RETRY_AFTER_SECONDS);
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
    public String grammarFor(String jsonSchema) throws InvalidSchemaException, ModelUnavailableException {
        JsonSchemaToGrammarRequest request = JsonSchemaToGrammarRequest.newBuilder().setJsonSchema(jsonSchema).build();
        try {
            return patiently(tail -> to(tail).jsonSchemaToGrammar(request)).getGrammar();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT) {
                throw new InvalidSchemaException(StatusText.of(e.getStatus()));
            }
            throw tailFailed(e.getStatus());
        }
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

    private Known.Tail tail() throws ModelUnavailableException {
        return switch (lifecycle.view().phase()) {
            case Ready(Rollout plan, _) -> new Known.Tail(plan.pipelineId(), plan.tail().worker().getAddress());
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
        return WorkerControlGrpc.newBlockingStub(channels.to(tail.address()))
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
        return lifecycle.view().phase() instanceof Standby
                ? follower.known().status().orElseGet(() -> status.now(readiness))
                : status.now(readiness);
    }
}
