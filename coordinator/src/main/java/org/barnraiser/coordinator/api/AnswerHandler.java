package org.barnraiser.coordinator.api;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Supplier;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Admission;
import org.barnraiser.coordinator.account.Admissions;
import org.barnraiser.coordinator.account.Caller;
import org.barnraiser.coordinator.account.RefusedException;
import org.barnraiser.coordinator.fair.FairQueue;
import org.barnraiser.coordinator.model.HostedModel;

/** Answers one kind of generation request, streamed or whole. */
final class AnswerHandler implements Handler {
    private final HttpServerConfig config;
    private final HostedModel model;
    private final AnswerRequest.Reader reader;
    private final GenerationStarter starter;
    private final RunningAnswers running;
    private final ApiMetrics metrics;
    private final Supplier<Admissions> admissions;

    AnswerHandler(HttpServerConfig config, HostedModel model, AnswerRequest.Reader reader, WaitingRoom waitingRoom,
            RunningAnswers running, ApiMetrics metrics, Supplier<Admissions> admissions, Supplier<FairQueue> turns) {
        this.admissions = admissions;
        this.config = config;
        this.model = model;
        this.reader = reader;
        this.starter = new GenerationStarter(model, waitingRoom, metrics, turns);
        this.running = running;
        this.metrics = metrics;
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
        Fields fields = new Fields(RequestBody.read(http, config.maxBodyBytes()));
        AdapterChoice adapters = AdapterChoice.read(fields, model.description());
        AnswerRequest request = adapters.applied(reader.read(fields, adapters.model()));
        adapters.header().ifPresent(header -> ctx.header(AdapterChoice.HEADER, header));
        try (AnswerStream stream = new AnswerStream(request.settings().choices(), config.maxQueuedTokens(),
                () -> Thread.startVirtualThread(() -> ClientConnection.abort(http)), metrics)) {
            running.add(stream);
            int promptTokens = 0;
            try (ClientConnection _ = ClientConnection.watch(http,
                    () -> stream.breakOff(AnswerEvent.Cause.CLIENT_GONE))) {
                promptTokens = starter.start(request, stream, caller, admission);
                admission.headers().forEach(ctx::header);
                if (request.settings().stream()) {
                    answerStreamed(ctx, request, stream, promptTokens);
                } else {
                    answerWhole(ctx, request, stream, promptTokens);
                }
            } finally {
                admission.used(promptTokens, stream.tokens());
                running.remove(stream);
            }
        }
    }

    private void answerWhole(Context ctx, AnswerRequest request, AnswerStream stream, int promptTokens)
            throws ApiException, IOException, InterruptedException {
        WholeAnswer answer = new WholeAnswer(request.settings().choices());
        int completionTokens = new AnswerLoop(stream, request.settings(), answer, config).run();
        Usage usage = new Usage(promptTokens, stream.reusedTokens(), completionTokens);
        Responses.json(ctx, 200, request.format().whole(answer.choices(), usage));
    }

    private void answerStreamed(Context ctx, AnswerRequest request, AnswerStream stream, int promptTokens)
            throws IOException, InterruptedException {
        HttpServletResponse response = ctx.res();
        response.setContentType("text/event-stream");
        StreamedAnswer answer = new StreamedAnswer(response.getOutputStream(), request);
        try {
            answer.open();
            int completionTokens = new AnswerLoop(stream, request.settings(), answer, config).run();
            answer.close(new Usage(promptTokens, stream.reusedTokens(), completionTokens));
        } catch (ApiException failed) {
            Responses.noteFailure(ctx, failed.error().status());
            answer.fail(failed.error());
        }
    }
}
