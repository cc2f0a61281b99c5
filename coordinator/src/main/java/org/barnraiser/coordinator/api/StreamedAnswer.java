package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.api.answer.ServerEvent;

/** Sends answers as server-sent events while they are generated. */
final class StreamedAnswer implements AnswerSink {
    /** A comment, which clients skip. */
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.UTF_8);
    private static final Pattern LINE_BREAKING = Pattern.compile("[\\p{Cntrl}\\u0085\\u2028\\u2029]+");
    private static final int MAX_COMMENT = 500;

    private final OutputStream out;
    private final EventFormat format;

    StreamedAnswer(OutputStream out, EventFormat format) {
        this.out = out;
        this.format = format;
    }

    /** Sends the headers, and what opens the answers. */
    void open(Usage soFar) throws IOException {
        send(format.open(soFar));
    }

    @Override
    public void delta(int choice, Delta delta) throws IOException {
        send(format.delta(choice, delta));
    }

    @Override
    public void finished(int choice, Finish finish) throws IOException {
        send(format.finished(choice, finish));
    }

    @Override
    public void idle(Optional<String> pause) throws IOException {
        out.write(pause.map(StreamedAnswer::comment).or(() -> format.ping().map(StreamedAnswer::bytes)).orElse(PING));
        out.flush();
    }

    /** Workers have a say in the reason, so that it stays one line is made sure of here. */
    private static byte[] comment(String pause) {
        String line = LINE_BREAKING.matcher(pause).replaceAll(" ");
        return (": paused: " + line.substring(0, Math.min(line.length(), MAX_COMMENT)) + "\n\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Tells with what the answers were made; before {@link #close}. */
    void receipt(ObjectNode receipt) throws IOException {
        send(format.receipt(receipt));
    }

    /** Ends the stream after every choice is complete. */
    void close(Usage usage) throws IOException {
        send(format.close(usage));
    }

    /** Ends the stream with an error. */
    void fail(ApiError error) throws IOException {
        send(format.failed(error));
    }

    private void send(List<ServerEvent> events) throws IOException {
        for (ServerEvent event : events) {
            out.write(bytes(event));
        }
        out.flush();
    }

    private static byte[] bytes(ServerEvent event) {
        String name = event.name().map(given -> "event: " + given + "\n").orElse("");
        return (name + "data: " + event.data() + "\n\n").getBytes(StandardCharsets.UTF_8);
    }
}
