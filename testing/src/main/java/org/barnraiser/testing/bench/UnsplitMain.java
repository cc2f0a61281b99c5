package org.barnraiser.testing.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.barnraiser.coordinator.bench.Measurement;

/**
 * The unsplit model as a process of its own: a line {@code {"prompts":[…],"maxTokens":…}} on standard input, with a prompt for each reader who
 * asks at that moment, gives a line with an answer's times for each on standard output. Ends when its input ends.
 */
final class UnsplitMain {

    private UnsplitMain() {}

    /** @param arguments the model's file, each reader's context in tokens, and readers at a time */
    public static void main(String[] arguments) throws Exception {
        ObjectMapper json = new ObjectMapper();
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        int readers = Integer.parseInt(arguments[2]);
        try (UnsplitModel model = new UnsplitModel(Path.of(arguments[0]), Integer.parseInt(arguments[1]), 1, readers);
                ExecutorService threads = Executors.newFixedThreadPool(readers);
                BufferedReader questions = new BufferedReader(
                        new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            answers.println("{\"ready\":true}");
            String line;
            while ((line = questions.readLine()) != null) {
                JsonNode question = json.readTree(line);
                int maxTokens = question.path("maxTokens").asInt();
                List<Callable<Measurement>> asked = new ArrayList<>();
                for (JsonNode prompt : question.path("prompts")) {
                    asked.add(() -> model.measure(prompt.asText(), maxTokens));
                }
                ObjectNode told = json.createObjectNode();
                ArrayNode times = told.putArray("answers");
                for (Future<Measurement> answered : threads.invokeAll(asked)) {
                    Measurement answer = answered.get();
                    times.addObject().put("timeToFirstTokenMillis", answer.timeToFirstTokenMillis())
                            .put("tokens", answer.tokens()).put("decodeMillis", answer.decodeMillis());
                }
                answers.println(told);
            }
        }
    }
}
