package org.barnraiser.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.InvalidSchemaException;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.proto.SamplingParameters;

/** Starts a request's generations. */
final class GenerationStarter {
    private final HostedModel model;
    private final ApiMetrics metrics;

    GenerationStarter(HostedModel model, ApiMetrics metrics) {
        this.model = model;
        this.metrics = metrics;
    }

    /**
     * Starts one generation for each choice; blocks on calls to the tail.
     *
     * @return the number of prompt tokens
     */
    int start(AnswerRequest request, AnswerStream stream) throws ApiException {
        if (model.readiness() instanceof Readiness.NotReady(String reason, int retryAfterSeconds, _)) {
            throw new ApiException(ApiError.notReady(reason, retryAfterSeconds));
        }
        try {
            ImmutableIntArray prompt = model.tokenize(request.prompt(), true);
            int maxTokens = maxTokens(request, prompt.length());
            SamplingParameters sampling = request.settings().sampling().toBuilder()
                    .setGrammar(grammar(request.settings().constraint())).build();
            for (int choice = 0; choice < request.settings().choices(); choice++) {
                // Each choice has a seed of its own, and a request's seed repeats them all.
                SamplingParameters own = sampling.toBuilder().setSeed(sampling.getSeed() + choice).build();
                start(choice, new GenerationRequest(prompt, maxTokens, own), stream);
            }
            metrics.promptAccepted(prompt.length());
            return prompt.length();
        } catch (ModelUnavailableException unavailable) {
            throw ApiException.of(unavailable);
        }
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
