package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One streamed answer while it comes: a thread reads it to its end. Callable from any thread. */
public final class RunningAnswer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DATA = "data: ";

    private final CompletableFuture<Answer> end = new CompletableFuture<>();
    /** Guarded by this, as are the fields below. */
    private final List<Answer.Piece> pieces = new ArrayList<>();
    private final List<String> comments = new ArrayList<>();
    private final List<JsonNode> logprobs = new ArrayList<>();
    private String finishReason = "";
    private String error = "";
    private int tokens;
    private int status;
    private boolean opened;
    private boolean done;
    private @Nullable InputStream body;

    RunningAnswer() {}

    void read(HttpClient http, HttpRequest request) {
        try {
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream stream = response.body();
                    BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                open(response.statusCode(), stream);
                if (response.statusCode() == 200) {
                    readEvents(lines);
                } else {
                    fail(lines.readLine());
                }
            }
        } catch (IOException e) {
            fail(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail("interrupted");
        } finally {
            finish();
        }
    }

    private synchronized void open(int code, InputStream stream) {
        status = code;
        opened = true;
        body = stream;
        notifyAll();
    }

    private void readEvents(BufferedReader lines) throws IOException {
        String line;
        while ((line = lines.readLine()) != null) {
            if (line.startsWith(":")) {
                addComment(line.substring(1).strip());
            } else if (line.equals(DATA + "[DONE]")) {
                synchronized (this) {
                    done = true;
                }
            } else if (line.startsWith(DATA)) {
                addEvent(line.substring(DATA.length()));
            }
        }
    }

    private synchronized void addComment(String comment) {
        comments.add(comment);
    }

    private synchronized void addEvent(String json) throws JsonProcessingException {
        JsonNode event = JSON.readTree(json);
        if (event.has("error")) {
            error = event.path("error").path("message").asText("?");
        }
        JsonNode choice = event.path("choices").path(0);
        JsonNode delta = choice.path("delta");
        String called = delta.path("tool_calls").path(0).path("function").path("arguments").asText("");
        String text = choice.path("text").asText(delta.path("content").asText(called));
        if (!text.isEmpty()) {
            pieces.add(new Answer.Piece(text, System.nanoTime()));
            notifyAll();
        }
        if (!choice.path("logprobs").isMissingNode() && !choice.path("logprobs").isNull()) {
            logprobs.add(choice.path("logprobs"));
        }
        finishReason = choice.path("finish_reason").asText(finishReason).replace("null", "");
        tokens = event.path("usage").path("completion_tokens").asInt(tokens);
    }

    private synchronized void fail(@Nullable String reason) {
        error = reason == null || reason.isEmpty() ? "an empty answer" : reason;
    }

    private void finish() {
        synchronized (this) {
            if (status == 200 && error.isEmpty() && !done) {
                error = "the stream ended without [DONE]";
            }
            opened = true;
            notifyAll();
        }
        end.complete(soFar());
    }

    /** What has come until now. */
    public synchronized Answer soFar() {
        return new Answer(status, List.copyOf(pieces), finishReason, List.copyOf(comments), error,
                List.copyOf(logprobs), tokens);
    }

    public boolean isEnded() {
        return end.isDone();
    }

    /** Waits until so many pieces of text have come, or the answer has ended with fewer. */
    public synchronized void awaitPieces(int count, Duration patience) throws InterruptedException, TimeoutException {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        while (pieces.size() < count && !end.isDone()) {
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (leftMillis <= 0) {
                throw new TimeoutException("not " + count + " pieces within " + patience + ": " + soFar().summary());
            }
            wait(leftMillis);
        }
    }

    /** Waits until the server has accepted the request, or refused it. */
    public synchronized void awaitOpened(Duration patience) throws InterruptedException, TimeoutException {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        while (!opened) {
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (leftMillis <= 0) {
                throw new TimeoutException("no response within " + patience);
            }
            wait(leftMillis);
        }
    }

    /** Waits for the end. */
    public Answer await(Duration patience) throws InterruptedException, TimeoutException {
        try {
            return end.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw (TimeoutException) new TimeoutException("stuck after " + patience + ": " + soFar().summary())
                    .initCause(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The reader leaves. */
    public void abandon() throws IOException {
        InputStream open;
        synchronized (this) {
            open = body;
        }
        if (open != null) {
            open.close();
        }
    }
}
