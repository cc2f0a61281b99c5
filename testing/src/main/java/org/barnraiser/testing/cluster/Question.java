package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;

/** A request for a streamed answer: where it goes and what it says. */
public record Question(String path, ObjectNode body) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A text to go on with: greedily, {@code tokens} long whatever the model would rather do. */
    public static Question greedy(String prompt, int tokens) {
        return completion(prompt, tokens).with(body -> body.put("temperature", 0));
    }

    /** A text to go on with: sampled, and the same for the same seed. */
    public static Question sampled(String prompt, int tokens, long seed) {
        return completion(prompt, tokens).with(body -> body.put("temperature", 1).put("top_p", 0.95).put("seed", seed));
    }

    private static Question completion(String prompt, int tokens) {
        ObjectNode body = JSON.createObjectNode().put("prompt", prompt).put("max_tokens", tokens)
                .put("ignore_eos", true).put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        return new Question("/v1/completions", body);
    }

    /** A conversation of one message, answered greedily to its natural end. */
    public static Question chat(String message, int tokens) {
        ObjectNode body = JSON.createObjectNode().put("temperature", 0).put("max_tokens", tokens).put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        body.putArray("messages").addObject().put("role", "user").put("content", message);
        return new Question("/v1/chat/completions", body);
    }

    /** The same with more fields. */
    public Question with(Consumer<ObjectNode> change) {
        ObjectNode changed = body.deepCopy();
        change.accept(changed);
        return new Question(path, changed);
    }
}
