package org.barnraiser.coordinator.api;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Attacks on the readers of requests, which also render the conversation. Normally always the same ones; {@code JAZZER_FUZZ=1 mvn test
 * -Dtest=RequestFuzz} searches for half a minute.
 */
class RequestFuzz {
    private static final int MUTANTS = 6_000;
    private static final String TELLING = "\"{}[]:,\\-0e9\u0000\uffff";
    private static final List<String> SEEDS = List.of(
            """
            {"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Hi"}]}],
             "n":2,"max_tokens":5,"stop":["a","b"],"logit_bias":{"5":-100,"7":1.5},"temperature":0.5,"top_p":0.9,"seed":-1,
             "logprobs":true,"top_logprobs":3,"stream":true,"stream_options":{"include_usage":true},"tool_choice":"auto",
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}""",
            """
            {"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function",
             "function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"b"},
             {"role":"assistant","content":"c"}],"continue_final_message":true,"dry_multiplier":1,"dry_sequence_breakers":["x"],
             "mirostat":2,"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}}""",
            """
            {"prompt":"Once","max_tokens":5,"logprobs":2,"grammar":"root ::= [a-z]+","repeat_penalty":1.1,"min_p":0.1,
             "xtc_probability":0.5,"typical_p":0.9,"presence_penalty":-2,"frequency_penalty":2,"best_of":1,"echo":false}""");

    private final ScriptedModel model = new ScriptedModel();
    private final List<AnswerRequest.Reader> readers = List.of(
            new ChatRequestReader(new ChatAnswers(new ChatRenderer(model)), 100),
            new CompletionRequestReader(model));

    static Stream<byte[]> seeds() {
        return SEEDS.stream().map(seed -> seed.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "30s")
    void whatever_a_body_holds_it_is_read_or_refused(byte[] body) throws ModelUnavailableException {
        for (AnswerRequest.Reader reader : readers) {
            var _ = isRead(reader, body);
        }
    }

    @Test
    void sound_bodies_with_some_bytes_changed_are_read_or_refused() throws ModelUnavailableException {
        SplittableRandom random = new SplittableRandom(7);
        int read = 0;
        for (int i = 0; i < MUTANTS; i++) {
            byte[] seed = SEEDS.get(i % SEEDS.size()).getBytes(StandardCharsets.UTF_8);
            byte[] mutant = mutant(seed, random);
            for (AnswerRequest.Reader reader : readers) {
                read += isRead(reader, mutant) ? 1 : 0;
            }
        }
        assertThat(read).as("requests that were read").isBetween(MUTANTS / 100, MUTANTS);
    }

    /** Any other exception than the one that the client hears is a failure, and so is one that is not the client's fault. */
    private boolean isRead(AnswerRequest.Reader reader, byte[] body) throws ModelUnavailableException {
        try {
            AnswerRequest request = reader.read(new Fields(Json.parseObject(body)), model.description());
            var _ = request.prompt().parts();
            return true;
        } catch (ApiException refused) {
            assertThat(refused.error().status()).isBetween(400, 499);
            assertThat(refused.error().message().length()).isLessThan(500);
            return false;
        }
    }

    private static byte[] mutant(byte[] sound, SplittableRandom random) {
        byte[] bytes = sound.clone();
        int changes = random.nextInt(1, 4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> bytes[at] = (byte) TELLING.charAt(random.nextInt(TELLING.length()));
                case 3, 4 -> bytes[at] = (byte) random.nextInt(32, 127);
                case 5 -> bytes[at] = (byte) random.nextInt();
                case 6 -> {
                    int from = random.nextInt(bytes.length);
                    int length = random.nextInt(Math.min(bytes.length - at, bytes.length - from) + 1);
                    System.arraycopy(bytes, from, bytes, at, length);
                }
                default -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
            }
        }
        return bytes;
    }
}
