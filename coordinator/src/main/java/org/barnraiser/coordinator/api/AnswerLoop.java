package org.barnraiser.coordinator.api;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.GenerationEnd;

/** Turns the events of a request's generations into text, until every choice is complete. */
final class AnswerLoop {
    private final AnswerStream stream;
    private final ChoiceAssembler[] choices;
    private final boolean[] complete;
    private final AnswerSink sink;
    private final Duration heartbeat;
    private final Duration timeLimit;

    AnswerLoop(AnswerStream stream, AnswerRequest request, AnswerSink sink, HttpServerConfig config) {
        GenerationSettings settings = request.settings();
        this.stream = stream;
        this.choices = Stream.generate(() -> new ChoiceAssembler(settings, request.reading().get()))
                .limit(settings.choices())
                .toArray(ChoiceAssembler[]::new);
        this.complete = new boolean[choices.length];
        this.sink = sink;
        this.heartbeat = config.heartbeat();
        this.timeLimit = config.maxGenerationTime();
    }

    /** Runs to the end. */
    void run() throws ApiException, IOException, InterruptedException {
        long start = System.nanoTime();
        long lastOutput = start;
        int left = choices.length;
        while (left > 0) {
            long now = System.nanoTime();
            if (now - start > timeLimit.toNanos()) {
                throw new ApiException(ApiError.tookTooLong(timeLimit.toSeconds()));
            }
            if (now - lastOutput >= heartbeat.toNanos()) {
                sink.idle(stream.pause());
                lastOutput = now;
            }
            long toDeadline = timeLimit.toNanos() - (now - start);
            long toHeartbeat = heartbeat.toNanos() - (now - lastOutput);
            Optional<AnswerEvent> event = stream.next(Duration.ofNanos(Math.max(1, Math.min(toDeadline, toHeartbeat))));
            if (event.isEmpty()) {
                continue;
            }
            switch (event.get()) {
                case AnswerEvent.Token token -> {
                    if (onToken(token)) {
                        lastOutput = now;
                    }
                }
                case AnswerEvent.End end -> onEnd(end);
                case AnswerEvent.BrokenOff(AnswerEvent.Cause cause) -> throw brokenOff(cause);
            }
            left = unfinished();
        }
    }

    /** What the request used, all choices together. */
    Usage usage(int promptTokens) {
        return new Usage(promptTokens, stream.reusedTokens(),
                Stream.of(choices).mapToInt(ChoiceAssembler::tokens).sum(),
                Stream.of(choices).mapToInt(ChoiceAssembler::reasoningTokens).sum(), stream.guesses(),
                stream.rightGuesses());
    }

    /** What each choice has, in order. */
    List<Integer> tokens() {
        return Stream.of(choices).map(ChoiceAssembler::tokens).toList();
    }

    /** Whether something was shown. */
    private boolean onToken(AnswerEvent.Token event) throws IOException {
        int choice = event.choice();
        if (complete[choice]) {
            return false;
        }
        Delta delta = choices[choice].accept(event.token());
        boolean showable = !delta.isEmpty();
        if (showable) {
            sink.delta(choice, delta);
        }
        if (choices[choice].stopped()) {
            stream.cancel(choice);
            complete(choice, FinishReason.STOP);
        }
        return showable;
    }

    private void onEnd(AnswerEvent.End event) throws ApiException, IOException {
        int choice = event.choice();
        if (complete[choice]) {
            return;
        }
        switch (event.end()) {
            case GenerationEnd.EndOfGeneration _ -> finish(choice, FinishReason.STOP);
            case GenerationEnd.Length _ -> finish(choice, FinishReason.LENGTH);
            case GenerationEnd.Failed(String reason, boolean retryable) ->
                throw new ApiException(ApiError.generationFailed(reason, retryable));
            // What this side cancels is complete, or announced by an event of its own that came before.
            case GenerationEnd.Cancelled _ ->
                throw new ApiException(ApiError.generationFailed("The generation was cancelled.", true));
        }
    }

    private void finish(int choice, FinishReason reason) throws IOException {
        Delta rest = choices[choice].finish();
        if (!rest.isEmpty()) {
            sink.delta(choice, rest);
        }
        complete(choice, choices[choice].stopped() ? FinishReason.STOP : reason);
    }

    private void complete(int choice, FinishReason reason) throws IOException {
        complete[choice] = true;
        boolean called = choices[choice].called() && reason == FinishReason.STOP;
        sink.finished(choice, new Finish(called ? FinishReason.TOOL_CALLS : reason, choices[choice].stop()));
    }

    private int unfinished() {
        int unfinished = 0;
        for (boolean done : complete) {
            unfinished += done ? 0 : 1;
        }
        return unfinished;
    }

    /** What a request that is broken off from outside ends with. */
    static ApiException brokenOff(AnswerEvent.Cause cause) throws ClientGoneException {
        return switch (cause) {
            case CLIENT_GONE -> throw new ClientGoneException();
            case CLIENT_TOO_SLOW -> new ApiException(ApiError.tooSlowClient());
            case SHUTTING_DOWN -> new ApiException(ApiError.shuttingDown());
        };
    }
}
