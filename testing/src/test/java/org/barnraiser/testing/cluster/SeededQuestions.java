package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * Questions that are answered with everything that a tail has to take over: seeds, penalties, mirostat, a grammar, probabilities. The
 * seeds are ones whose random numbers lie clear of the borders between tokens, and the temperature keeps the borders few, so that a last
 * bit does not decide.
 */
final class SeededQuestions {
    private static final int TOKENS = 100;
    /** Of a log-probability; sums differ in their last bits with what is computed together. */
    private static final double ROUNDING = 0.01;

    private SeededQuestions() {}

    static List<Question> eight() {
        return List.of(sampled("What is Barnraiser?", 100), sampled("What happens when a machine leaves?", 101),
                toolCall(), sampled("Can you write a poem?", 104),
                sampled("What languages do you speak?", 105).with(body -> body.put("frequency_penalty", 0.3)),
                sampled("How can I help?", 106).with(body -> body.put("mirostat", 2)), json(),
                sampled("How do I add a machine?", 107).with(body -> body.put("logprobs", 3)));
    }

    private static Question sampled(String text, long seed) {
        return Question.sampled(SureQuestions.prompt(text), TOKENS, seed).with(body -> body.put("temperature", 0.5));
    }

    /** Held to a schema, and long. */
    private static Question json() {
        return Question.chat("What is a worker?", TOKENS).with(body -> {
            ObjectNode format = body.putObject("response_format").put("type", "json_schema").putObject("json_schema")
                    .put("name", "list").put("strict", true);
            ObjectNode schema = format.putObject("schema").put("type", "array").put("minItems", 6).put("maxItems", 6);
            schema.putObject("items").put("type", "string").put("minLength", 30).put("maxLength", 60);
        });
    }

    /** Made to call a tool, with arguments that are long and leave no choice but of spaces. */
    private static Question toolCall() {
        return Question.chat("Note this.", TOKENS).with(body -> {
            ObjectNode function = body.putArray("tools").addObject().put("type", "function").putObject("function")
                    .put("name", "note").put("strict", true);
            ObjectNode schema = function.putObject("parameters").put("type", "object");
            ObjectNode lines = schema.putObject("properties").putObject("lines").put("type", "array").put("minItems",
                    6);
            lines.putObject("items").put("const", "Many hands raise a barn, and each of them is needed.");
            schema.putArray("required").add("lines");
            body.put("tool_choice", "required");
        });
    }

    /** The same tokens with the same probabilities, but for rounding. */
    static void assertSameProbabilities(Answer answer, Answer expected) {
        List<JsonNode> mine = tokens(answer);
        List<JsonNode> theirs = tokens(expected);
        assertThat(mine).hasSameSizeAs(theirs);
        for (int i = 0; i < mine.size(); i++) {
            assertThat(mine.get(i).asDouble()).isCloseTo(theirs.get(i).asDouble(), within(ROUNDING));
        }
    }

    private static List<JsonNode> tokens(Answer answer) {
        return answer.logprobs().stream().map(piece -> piece.path("token_logprobs"))
                .flatMap(JsonNode::valueStream).toList();
    }
}
