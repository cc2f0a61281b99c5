package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Admission;
import org.barnraiser.coordinator.account.Admissions;
import org.barnraiser.coordinator.account.Caller;
import org.barnraiser.coordinator.account.RefusedException;
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
    private final AnswerReceipt.Office receipts;

    AnswerHandler(HttpServerConfig config, ModelDesk desk, AnswerRequest.Reader reader, RunningAnswers running,
            ApiMetrics metrics, Supplier<Admissions> admissions, AnswerReceipt.Office receipts) {
        this.receipts = receipts;
        this.admissions = admissions;
        this.config = config;
        this.model = desk.model();
        this.reader = reader;
        this.starter = new GenerationStarter(model, desk.waitingRoom(), metrics, desk::turns);
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
        Optional<AnswerReceipt> receipt = receipts.wanted(ctx, fields, model.description());
        try (AnswerStream stream = new AnswerStream(request.settings().choices(), config.maxQueuedTokens(),
                () -> Thread.startVirtualThread(() -> ClientConnection.abort(http)), metrics)) {
            running.add(stream);
            receipt.ifPresent(wanted -> wanted.follow(stream));
            int promptTokens = 0;
            try (ClientConnection _ = ClientConnection.watch(http,
                    () -> stream.breakOff(AnswerEvent.Cause.CLIENT_GONE))) {
                promptTokens = starter.start(request, stream, caller, admission);
                admission.headers().forEach(ctx::header);
                if (request.settings().stream()) {
                    answerStreamed(ctx, request, stream, promptTokens, receipt);
                } else {
                    answerWhole(ctx, request, stream, promptTokens, receipt);
                }
            } finally {
                admission.used(promptTokens, stream.tokens());
                running.remove(stream);
            }
        }
    }

    private void answerWhole(Context ctx, AnswerRequest request, AnswerStream stream, int promptTokens,
            Optional<AnswerReceipt> receipt) throws ApiException, IOException, InterruptedException {
        WholeAnswer answer = new WholeAnswer(request.settings().choices());
        AnswerLoop loop = new AnswerLoop(stream, request, through(receipt, answer, request), config);
        loop.run();
        ObjectNode body = request.format().whole(answer.choices(), loop.usage(promptTokens));
        receipt.ifPresent(wanted -> body.set(AnswerReceipt.FIELD, wanted.write(stream, loop)));
        Responses.json(ctx, 200, body);
    }

    private void answerStreamed(Context ctx, AnswerRequest request, AnswerStream stream, int promptTokens,
            Optional<AnswerReceipt> receipt) throws IOException, InterruptedException {
        HttpServletResponse response = ctx.res();
        response.setContentType("text/event-stream");
        StreamedAnswer answer = new StreamedAnswer(response.getOutputStream(), request.format().events());
        AnswerLoop loop = new AnswerLoop(stream, request, through(receipt, answer, request), config);
        try {
            answer.open(loop.usage(promptTokens));
            loop.run();
            if (receipt.isPresent()) {
                answer.receipt(receipt.get().write(stream, loop));
            }
            answer.close(loop.usage(promptTokens));
        } catch (ApiException failed) {
            Responses.noteFailure(ctx, failed.error().status());
            answer.fail(failed.error());
        }
    }

    private static AnswerSink through(Optional<AnswerReceipt> receipt, AnswerSink sink, AnswerRequest request) {
        return receipt.map(wanted -> wanted.through(sink, request.settings().choices())).orElse(sink);
    }
}
