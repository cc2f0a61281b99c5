package org.barnraiser.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.InvalidSchemaException;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SamplingParameters;

/** Starts a request's generations. */
final class GenerationStarter {
    private final HostedModel model;
    private final WaitingRoom waitingRoom;
    private final ApiMetrics metrics;

    GenerationStarter(HostedModel model, WaitingRoom waitingRoom, ApiMetrics metrics) {
        this.model = model;
        this.waitingRoom = waitingRoom;
        this.metrics = metrics;
    }

    /**
     * Starts one generation for each choice; blocks on calls to the tail, and while machines take over from others.
     *
     * @return the number of prompt tokens
     */
    int start(AnswerRequest request, AnswerStream stream)
            throws ApiException, ClientGoneException, InterruptedException {
        GenerationRequest first = waitingRoom.untilReady(stream, () -> prepare(request));
        SamplingParameters sampling = first.sampling();
        try {
            for (int choice = 0; choice < request.settings().choices(); choice++) {
                // Each choice has a seed of its own, and a request's seed repeats them all.
                SamplingParameters own = sampling.toBuilder().setSeed(sampling.getSeed() + choice).build();
                start(choice, new GenerationRequest(first.promptTokens(), first.maxTokens(), own), stream);
            }
        } catch (ModelUnavailableException unavailable) {
            throw ApiException.of(unavailable);
        }
        metrics.promptAccepted(first.promptTokens().length());
        return first.promptTokens().length();
    }

    private GenerationRequest prepare(AnswerRequest request) throws ApiException, ModelUnavailableException {
        ImmutableIntArray prompt = model.tokenize(request.prompt().parts(), true);
        int maxTokens = maxTokens(request, prompt.length());
        SamplingParameters sampling = request.settings().sampling().toBuilder()
                .setGrammar(grammar(request.settings().constraint())).build();
        return new GenerationRequest(prompt, maxTokens, sampling);
    }

    private void start(int choice, GenerationRequest request, AnswerStream stream) throws ModelUnavailableException {
        metrics.sequenceStarted();
        try {
            stream.started(choice, model.generate(request, stream.listener(choice)));
        } catch (ModelUnavailableException | RuntimeException refused) {
            metrics.sequenceEnded();
            throw refused;
        }
    }

    private int maxTokens(AnswerRequest request, int promptTokens) throws ApiException {
        int contextTokens = model.description().contextTokens();
        if (promptTokens == 0) {
            throw ApiException.invalid(request.promptParam(), "The prompt is empty.");
        }
        if (promptTokens >= contextTokens) {
            throw new ApiException(ApiError.contextTooLong(request.promptParam(), promptTokens, contextTokens));
        }
        int room = contextTokens - promptTokens;
        return Math.min(request.settings().maxTokens().orElse(room), room);
    }

    private String grammar(AnswerConstraint constraint) throws ApiException, ModelUnavailableException {
        return switch (constraint) {
            case AnswerConstraint.Free _ -> "";
            case AnswerConstraint.Grammar(String gbnf) -> gbnf;
            case AnswerConstraint.Schema(String json, String param) -> {
                try {
                    yield model.grammarFor(json);
                } catch (InvalidSchemaException invalid) {
                    throw ApiException.invalid(param, "The JSON schema cannot be used: " + invalid.getMessage());
                }
            }
        };
    }
}
