package org.barnraiser.testing.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.bench.Measurement;

/** Drives an {@link UnsplitMain}. */
final class UnsplitProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter questions;

    /** @param readers that it serves at a time, each with this context */
    UnsplitProcess(Path model, int contextTokens, int readers) throws IOException {
        process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                UnsplitMain.class.getName(), model.toString(), Integer.toString(contextTokens),
                Integer.toString(readers)))
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        answers = process.inputReader();
        questions = process.outputWriter();
        answer("ready");
    }

    /** Greedy answers of exactly {@code maxTokens} tokens to prompts that are asked at the same moment. */
    List<Measurement> measure(List<String> prompts, int maxTokens) throws IOException {
        ObjectNode question = JSON.createObjectNode().put("maxTokens", maxTokens);
        prompts.forEach(question.putArray("prompts")::add);
        questions.write(JSON.writeValueAsString(question));
        questions.newLine();
        questions.flush();
        List<Measurement> measured = new ArrayList<>();
        for (JsonNode answer : answer("answers").path("answers")) {
            measured.add(Measurement.of(answer.path("timeToFirstTokenMillis").asDouble(),
                    answer.path("tokens").asInt(), answer.path("decodeMillis").asDouble()));
        }
        return measured;
    }

    /** The next JSON line with the wanted field; llama.cpp may print lines of its own in between. */
    private JsonNode answer(String field) throws IOException {
        String line;
        while ((line = answers.readLine()) != null) {
            if (line.startsWith("{") && JSON.readTree(line).has(field)) {
                return JSON.readTree(line);
            }
        }
        throw new IOException("the unsplit model's process ended early; can java-llama.cpp load this file?");
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
