package org.barnraiser.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Admission;
import org.barnraiser.coordinator.account.Admissions;
import org.barnraiser.coordinator.account.Caller;
import org.barnraiser.coordinator.account.RefusedException;
import org.barnraiser.coordinator.api.embeddings.Embedding;
import org.barnraiser.coordinator.api.embeddings.EmbeddingInput;
import org.barnraiser.coordinator.api.embeddings.EmbeddingsAnswer;
import org.barnraiser.coordinator.fair.Share;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.TextPart;

/** {@code POST /v1/embeddings}: what texts mean. Each text is a sequence of its own, beside the chats and under the same limits. */
final class EmbeddingsHandler implements Handler {
    private final HttpServerConfig config;
    private final ModelDesk desk;
    private final HostedModel model;
    private final RunningAnswers running;
    private final ApiMetrics metrics;
    private final Supplier<Admissions> admissions;

    EmbeddingsHandler(HttpServerConfig config, ModelDesk desk, RunningAnswers running, ApiMetrics metrics,
            Supplier<Admissions> admissions) {
        this.config = config;
        this.desk = desk;
        this.model = desk.model();
        this.running = running;
        this.metrics = metrics;
        this.admissions = admissions;
    }

    @Override
    public void handle(Context ctx)
            throws ApiException, IOException, InterruptedException, RefusedException, AccountException {
        Caller caller = Gate.caller(ctx);
        try (Admission admission = admissions.get().enter(caller, model.description().name())) {
            answer(ctx, caller, admission);
        }
    }

    private void answer(Context ctx, Caller caller, Admission admission)
            throws ApiException, IOException, InterruptedException, RefusedException, AccountException {
        HttpServletRequest http = ctx.req();
        EmbeddingRequest request = EmbeddingRequest.read(new Fields(RequestBody.read(http, config.maxBodyBytes())),
                model.description());
        List<Embedding> embeddings;
        int promptTokens = 0;
        try (AnswerStream stream = new AnswerStream(request.inputs().size(), request.inputs().size(),
                () -> Thread.startVirtualThread(() -> ClientConnection.abort(http)), metrics)) {
            running.add(stream);
            try (ClientConnection _ = ClientConnection.watch(http,
                    () -> stream.breakOff(AnswerEvent.Cause.CLIENT_GONE))) {
                List<ImmutableIntArray> texts = desk.waitingRoom().untilReady(stream, () -> tokens(request));
                int all = texts.stream().mapToInt(ImmutableIntArray::length).sum();
                admission.reserve(all, 0, texts.size(), true);
                promptTokens = all;
                metrics.promptAccepted(all);
                admission.headers().forEach(ctx::header);
                request.adapters().header().ifPresent(header -> ctx.header(AdapterChoice.HEADER, header));
                embeddings = new EmbeddingLoop(stream, texts, request, desk.turns(),
                        new Share(caller.account(), caller.weight()), metrics).run(config.maxGenerationTime());
            } finally {
                admission.used(promptTokens, 0);
                running.remove(stream);
            }
        }
        ctx.contentType("application/json; charset=utf-8");
        new EmbeddingsAnswer(request.adapters().model().name(), embeddings, request.inBase64(), promptTokens)
                .writeTo(ctx.res().getOutputStream());
    }

    /** All texts are read before the first is computed, so that one that is too long costs nothing. */
    private List<ImmutableIntArray> tokens(EmbeddingRequest request) throws ApiException, ModelUnavailableException {
        List<ImmutableIntArray> texts = new ArrayList<>(request.inputs().size());
        for (EmbeddingInput input : request.inputs()) {
            ImmutableIntArray tokens = switch (input) {
                case EmbeddingInput.Text(String text) -> model.tokenize(List.of(new TextPart(text, false)), true);
                case EmbeddingInput.Tokens(ImmutableIntArray given) -> given;
            };
            check(tokens.length());
            texts.add(tokens);
        }
        return texts;
    }

    private void check(int tokens) throws ApiException {
        int contextTokens = model.description().contextTokens();
        if (tokens == 0) {
            throw ApiException.invalid("input", "A text of 'input' has no tokens.");
        }
        if (tokens >= contextTokens) {
            throw new ApiException(ApiError.textTooLong("input", tokens, contextTokens - 1));
        }
    }
}
