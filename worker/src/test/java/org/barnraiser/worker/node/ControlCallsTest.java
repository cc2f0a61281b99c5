package org.barnraiser.worker.node;

import com.google.common.primitives.Ints;
import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.barnraiser.proto.DetokenizeRequest;
import org.barnraiser.proto.JsonSchemaToGrammarRequest;
import org.barnraiser.proto.ProbeMessage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.wholeModel;

/** Questions that a worker answers. */
class ControlCallsTest extends WorkerCase {
    @Test
    void text_and_tokens_are_turned_into_each_other() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        int[] tokens = tokenize("Once upon a time", true);
        assertThat(tokens[0]).isEqualTo(1);
        var pieces = worker.control().detokenize(
                DetokenizeRequest.newBuilder().setPipelineId(PIPELINE).addAllTokens(Ints.asList(tokens)).build());
        var text = ByteString.copyFrom(pieces.getPiecesList()).toString(StandardCharsets.UTF_8);
        assertThat(text.strip()).isEqualTo("Once upon a time");
        assertThat(codeOf(() -> worker.control()
                .detokenize(DetokenizeRequest.newBuilder().setPipelineId(PIPELINE).addTokens(-1).build())))
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void schemas_become_grammars_and_bad_ones_are_told_why_while_the_worker_lives() {
        assertThat(codeOf(() -> grammar("{}"))).isEqualTo(Code.NOT_FOUND);
        worker.load(wholeModel(model, weights.address(), 1).build());
        assertThat(grammar("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}")).contains("root ::=");
        for (String bad : List.of("", "{nope", "5", "{\"type\":5}", "{\"$ref\":\"#/nowhere/x\"}",
                "{\"type\":\"string\",\"maxLength\":1000000000}", "[".repeat(100), "\"" + "x".repeat(300_000) + "\"",
                "{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":{\"$ref\":\"#/$defs/x\"}}}")) {
            var error = errorOf(() -> grammar(bad));
            assertThat(error.getStatus().getCode()).as(bad.substring(0, Math.min(40, bad.length())))
                    .isEqualTo(Code.INVALID_ARGUMENT);
            assertThat(error.getStatus().getDescription()).isNotBlank();
        }
        assertThat(grammar("{\"type\":\"boolean\"}")).contains("true");
    }

    @Test
    void a_probe_comes_back_and_a_huge_one_is_refused() {
        var payload = ByteString.copyFrom(new byte[100_000]);
        assertThat(worker.control().probe(ProbeMessage.newBuilder().setPayload(payload).build()).getPayload())
                .isEqualTo(payload);
        assertThat(codeOf(() -> worker.control()
                .probe(ProbeMessage.newBuilder().setPayload(ByteString.copyFrom(new byte[9 << 20])).build())))
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    private String grammar(String schema) {
        return worker.control()
                .jsonSchemaToGrammar(JsonSchemaToGrammarRequest.newBuilder().setJsonSchema(schema).build())
                .getGrammar();
    }
}
