package org.barnraiser.testing.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.barnraiser.coordinator.bench.Measurement;

/** Drives an {@link UnsplitMain}. */
final class UnsplitProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter questions;

    UnsplitProcess(Path model, int contextTokens) throws IOException {
        process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                UnsplitMain.class.getName(), model.toString(), Integer.toString(contextTokens)))
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        answers = process.inputReader();
        questions = process.outputWriter();
        answer("ready");
    }

    Measurement measure(String prompt, int maxTokens) throws IOException {
        questions.write(
                JSON.writeValueAsString(JSON.createObjectNode().put("prompt", prompt).put("maxTokens", maxTokens)));
        questions.newLine();
        questions.flush();
        JsonNode answer = answer("timeToFirstTokenMillis");
        return Measurement.of(answer.path("timeToFirstTokenMillis").asDouble(), answer.path("tokens").asInt(),
                answer.path("decodeMillis").asDouble());
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

    @Override
    public void close() {
        process.destroy();
    }
}
