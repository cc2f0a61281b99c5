package org.barnraiser.testing.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.barnraiser.coordinator.bench.Measurement;

/**
 * The unsplit model as a process of its own: a line {@code {"prompt":…,"maxTokens":…}} on standard input gives a line with a
 * {@link org.barnraiser.coordinator.bench.Measurement} on standard output. Ends when its input ends.
 */
final class UnsplitMain {

    private UnsplitMain() {}

    public static void main(String[] arguments) throws IOException {
        ObjectMapper json = new ObjectMapper();
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try (UnsplitModel model = new UnsplitModel(Path.of(arguments[0]), Integer.parseInt(arguments[1]), 1);
                BufferedReader questions = new BufferedReader(
                        new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            answers.println("{\"ready\":true}");
            String line;
            while ((line = questions.readLine()) != null) {
                JsonNode question = json.readTree(line);
                Measurement answer = model.measure(question.path("prompt").asText(),
                        question.path("maxTokens").asInt());
                answers.println(json.createObjectNode().put("timeToFirstTokenMillis", answer.timeToFirstTokenMillis())
                        .put("tokens", answer.tokens()).put("decodeMillis", answer.decodeMillis()));
            }
        }
    }
}
