package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** Sends answers as server-sent events while they are generated. */
final class StreamedAnswer implements AnswerSink {
    /** A comment, which clients skip. */
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.UTF_8);
    private static final Pattern LINE_BREAKING = Pattern.compile("[\\p{Cntrl}\\u0085\\u2028\\u2029]+");
    private static final int MAX_COMMENT = 500;
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] END_OF_EVENT = "\n\n".getBytes(StandardCharsets.UTF_8);

    private final OutputStream out;
    private final AnswerFormat format;
    private final GenerationSettings settings;

    StreamedAnswer(OutputStream out, AnswerRequest request) {
        this.out = out;
        this.format = request.format();
        this.settings = request.settings();
    }

    /** Sends the headers, and what opens the answers. */
    void open() throws IOException {
        for (int choice = 0; choice < settings.choices(); choice++) {
            Optional<ObjectNode> first = format.first(choice);
            if (first.isPresent()) {
                write(withoutUsage(first.get()));
            }
        }
        out.flush();
    }

    @Override
    public void delta(int choice, Delta delta) throws IOException {
        send(withoutUsage(format.delta(choice, delta)));
    }

    @Override
    public void finished(int choice, FinishReason reason) throws IOException {
        send(withoutUsage(format.last(choice, reason)));
    }

    @Override
    public void idle(Optional<String> pause) throws IOException {
        out.write(pause.map(StreamedAnswer::comment).orElse(PING));
        out.flush();
    }

    /** Workers have a say in the reason, so that it stays one line is made sure of here. */
    private static byte[] comment(String pause) {
        String line = LINE_BREAKING.matcher(pause).replaceAll(" ");
        return (": paused: " + line.substring(0, Math.min(line.length(), MAX_COMMENT)) + "\n\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Ends the stream after every choice is complete. */
    void close(Usage usage) throws IOException {
        if (settings.includeUsage()) {
            write(format.usage(usage));
        }
        out.write(DONE);
        out.flush();
    }

    /** Ends the stream with an error; nothing comes after it, so that no client takes the answer for a whole one. */
    void fail(ApiError error) throws IOException {
        send(error.toJson());
    }

    /** As OpenAI has it: with usage asked for, every chunk has the field, but only the last a value. */
    private ObjectNode withoutUsage(ObjectNode chunk) {
        return settings.includeUsage() ? chunk.putNull("usage") : chunk;
    }

    private void send(ObjectNode event) throws IOException {
        write(event);
        out.flush();
    }

    private void write(ObjectNode event) throws IOException {
        out.write(DATA);
        out.write(Json.bytes(event));
        out.write(END_OF_EVENT);
    }
}
