package org.barnraiser.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Admission;
import org.barnraiser.coordinator.account.Caller;
import org.barnraiser.coordinator.account.RefusedException;
import org.barnraiser.coordinator.fair.FairQueue;
import org.barnraiser.coordinator.fair.Share;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.proto.SamplingParameters;

/** Starts a request's generations. */
final class GenerationStarter {
    private final HostedModel model;
    private final WaitingRoom waitingRoom;
    private final ApiMetrics metrics;
    private final Supplier<FairQueue> turns;

    GenerationStarter(HostedModel model, WaitingRoom waitingRoom, ApiMetrics metrics, Supplier<FairQueue> turns) {
        this.turns = turns;
        this.model = model;
        this.waitingRoom = waitingRoom;
        this.metrics = metrics;
    }

    /**
     * Starts one generation for each choice; blocks on calls to the tail, and while machines take over from others.
     *
     * @return the number of prompt tokens
     */
    int start(AnswerRequest request, AnswerStream stream, Caller caller, Admission admission)
            throws ApiException, ClientGoneException, InterruptedException, RefusedException, AccountException {
        List<GenerationRequest> prompts = waitingRoom.untilReady(stream, () -> prepare(request));
        int promptTokens = prompts.stream().mapToInt(each -> each.promptTokens().length()).sum();
        int wanted = prompts.stream().mapToInt(GenerationRequest::maxTokens).max().orElseThrow();
        int choices = request.settings().choices();
        int reserved = admission.reserve(promptTokens, wanted, choices, request.settings().maxTokens().isPresent());
        int ofEach = choices / prompts.size();
        try {
            for (int choice = 0; choice < choices; choice++) {
                GenerationRequest prompt = prompts.get(choice / ofEach);
                // Each choice has a seed of its own, and a request's seed repeats them all.
                SamplingParameters own = prompt.sampling().toBuilder()
                        .setSeed(prompt.sampling().getSeed() + choice % ofEach).build();
                start(choice, new GenerationRequest(prompt.promptTokens(), Math.min(prompt.maxTokens(), reserved), own),
                        caller, stream);
            }
        } catch (ModelUnavailableException unavailable) {
            throw ApiException.of(unavailable);
        }
        metrics.promptAccepted(promptTokens);
        return promptTokens;
    }

    /** What to generate for each prompt. */
    private List<GenerationRequest> prepare(AnswerRequest request) throws ApiException, ModelUnavailableException {
        SamplingParameters sampling = request.settings().sampling().toBuilder()
                .setGrammar(grammar(request.settings().constraint())).build();
        List<GenerationRequest> prepared = new ArrayList<>();
        for (PromptSource source : request.prompt().all()) {
            ImmutableIntArray prompt = switch (source) {
                case PromptSource.Parts(List<TextPart> parts) -> model.tokenize(parts, true);
                case PromptSource.Tokens(ImmutableIntArray tokens) -> tokens;
            };
            prepared.add(new GenerationRequest(prompt, maxTokens(request, prompt.length()), sampling));
        }
        return prepared;
    }

    private void start(int choice, GenerationRequest request, Caller caller, AnswerStream stream)
            throws ModelUnavailableException {
        metrics.sequenceStarted();
        try {
            Share share = new Share(caller.account(), caller.weight());
            stream.asked(request);
            stream.started(choice, turns.get().generate(share, request, stream.listener(choice)));
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

    private static String grammar(AnswerConstraint constraint) {
        return switch (constraint) {
            case AnswerConstraint.Free _ -> "";
            case AnswerConstraint.Grammar(String gbnf) -> gbnf;
        };
    }
}
