package org.barnraiser.testing.cluster;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;

/** Programs that ask over HTTP and read streamed answers. Callable from any thread. */
public final class Readers implements AutoCloseable {
    private static final Duration HEADERS_PATIENCE = Duration.ofMinutes(3);

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10)).build();

    /** Asks; the answer comes on a thread of its own. */
    public RunningAnswer ask(URI server, Question question) {
        HttpRequest request = HttpRequest.newBuilder(server.resolve(question.path())).timeout(HEADERS_PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(question.body().toString())).build();
        RunningAnswer answer = new RunningAnswer();
        Thread.ofVirtual().name("reader").start(() -> answer.read(http, request));
        return answer;
    }

    /** Asks all of them at the same time. */
    public List<RunningAnswer> ask(URI server, List<Question> questions) {
        return questions.stream().map(question -> ask(server, question)).toList();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
