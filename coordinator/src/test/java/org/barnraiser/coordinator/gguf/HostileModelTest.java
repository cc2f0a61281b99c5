package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.GgufException.Kind;
import org.barnraiser.proto.EngineAbi;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Well-formed files that contradict themselves. llama.cpp would abort the process on many, or read beyond its arrays. */
class HostileModelTest {

    @TempDir
    private Path directory;

    static Stream<Arguments> contradictions() {
        return Stream.of(
                broken("no architecture", w -> w.remove("general.architecture"), Kind.MISSING_METADATA,
                        "general.architecture"),
                broken("a number as architecture", w -> w.putUInt32("general.architecture", 1), Kind.BAD_METADATA,
                        "must be a string"),
                broken("no layers", w -> w.putUInt32("llama.block_count", 0), Kind.BAD_MODEL, "block_count is 0"),
                broken("513 layers", w -> w.putUInt32("llama.block_count", 513), Kind.BAD_MODEL, "block_count is 513"),
                broken("more layers than tensors for them", w -> w.putUInt32("llama.block_count", 3), Kind.BAD_MODEL,
                        "layer 2 of 3"),
                broken("fewer layers than tensors for them", w -> w.putUInt32("llama.block_count", 1), Kind.BAD_MODEL,
                        "blk.1."),
                broken("no width", w -> w.remove("llama.embedding_length"), Kind.MISSING_METADATA, "embedding_length"),
                broken("another width", w -> w.putUInt32("llama.embedding_length", 32), Kind.BAD_MODEL,
                        "token_embd.weight has the shape"),
                broken("no context", w -> w.putUInt32("llama.context_length", 0), Kind.BAD_MODEL, "context_length"),
                broken("no heads", w -> w.putUInt32("llama.attention.head_count", 0), Kind.BAD_MODEL,
                        "head_count is 0"),
                broken("heads that cannot share", w -> w.putUInt32("llama.attention.head_count_kv", 3), Kind.BAD_MODEL,
                        "cannot share"),
                broken("another number of heads", w -> w.putUInt32("llama.attention.head_count", 2), Kind.BAD_MODEL,
                        "attn_q.weight"),
                broken("another feed-forward length", w -> w.putUInt32("llama.feed_forward_length", 64), Kind.BAD_MODEL,
                        "ffn_gate.weight"),
                broken("an odd rope", w -> w.putUInt32("llama.rope.dimension_count", 15), Kind.BAD_MODEL,
                        "rope.dimension_count"),
                broken("a rope shorter than a head", w -> w.putUInt32("llama.rope.dimension_count", 8),
                        Kind.UNSUPPORTED_MODEL,
                        "equally long"),
                broken("an unknown rope scaling", w -> w.putText("llama.rope.scaling.type", "su"), Kind.BAD_MODEL,
                        "rope.scaling.type"),
                broken("no epsilon", w -> w.remove("llama.attention.layer_norm_rms_epsilon"), Kind.BAD_MODEL,
                        "epsilon"),
                broken("too many experts", w -> w.putUInt32("llama.expert_count", 513), Kind.BAD_MODEL, "expert_count"),
                broken("experts that none uses", w -> w.putUInt32("llama.expert_count", 4), Kind.BAD_MODEL,
                        "expert_used_count"),
                broken("more experts used than there are", w -> w.putUInt32("llama.expert_used_count", 2),
                        Kind.BAD_MODEL,
                        "expert_used_count"),
                broken("a list of heads that is too short",
                        w -> w.putArray("llama.attention.head_count", MetadataArray.ofUInt32(4)), Kind.BAD_MODEL,
                        "each of 2 layers"),
                broken("layers with different heads",
                        w -> w.putArray("llama.attention.head_count", MetadataArray.ofUInt32(4, 2)),
                        Kind.UNSUPPORTED_MODEL, "layers differ"),
                broken("a tensor that llama.cpp does not know", w -> w.tensor("blk.0.surprise", GgmlType.F32, 4),
                        Kind.UNSUPPORTED_MODEL,
                        "blk.0.surprise"),
                broken("another tensor that llama.cpp does not know", w -> w.tensor("surprise", GgmlType.F32, 4),
                        Kind.UNSUPPORTED_MODEL,
                        "surprise"),
                broken("no tokenizer", w -> w.remove("tokenizer.ggml.model"), Kind.MISSING_METADATA,
                        "tokenizer.ggml.model"),
                broken("a tokenizer with tables of its own", w -> w.putText("tokenizer.ggml.model", "t5"),
                        Kind.UNSUPPORTED_MODEL, "t5"),
                broken("no tokens", w -> w.remove("tokenizer.ggml.tokens"), Kind.BAD_MODEL, "tokens is missing"),
                broken("tokens that are numbers", w -> w.putArray("tokenizer.ggml.tokens", MetadataArray.ofInt32(1, 2)),
                        Kind.BAD_MODEL,
                        "tokens holds 2 x int32"),
                broken("too few tokens", w -> w.putArray("tokenizer.ggml.tokens", MetadataArray.ofTexts(List.of("a"))),
                        Kind.BAD_MODEL,
                        "must hold 288 x string"),
                broken("too few scores", w -> w.putArray("tokenizer.ggml.scores", MetadataArray.ofFloat32(1)),
                        Kind.BAD_MODEL,
                        "scores holds 1 x float32"),
                broken("scores of another type",
                        w -> w.putArray("tokenizer.ggml.scores", MetadataArray.ofInt32(new int[TinyModel.VOCABULARY])),
                        Kind.BAD_MODEL,
                        "scores holds"),
                broken("token types of another type",
                        w -> w.putArray("tokenizer.ggml.token_type",
                                MetadataArray.ofFloat32(new float[TinyModel.VOCABULARY])),
                        Kind.BAD_MODEL, "token_type holds"),
                broken("merges that are numbers", w -> w.putArray("tokenizer.ggml.merges", MetadataArray.ofInt32(1)),
                        Kind.BAD_MODEL,
                        "merges is an array of int32"),
                broken("two tokens of the same text",
                        w -> w.putArray("tokenizer.ggml.tokens", tokensWith(280, "word281")),
                        Kind.BAD_MODEL, "same text"),
                broken("a byte token below zero", w -> w.putArray("tokenizer.ggml.tokens", tokensWith(10, "<0x-1>")),
                        Kind.BAD_MODEL,
                        "token 10 stands for a byte"),
                broken("a byte token in small letters",
                        w -> w.putArray("tokenizer.ggml.tokens", tokensWith(3 + 0xab, "<0xab>")),
                        Kind.BAD_MODEL, "stands for a byte"),
                broken("a byte without a token",
                        w -> w.putArray("tokenizer.ggml.tokens", tokensWith(3 + 0x41, "<0x42 >"))
                                .putArray("tokenizer.ggml.token_type",
                                        MetadataArray.ofInt32(new int[TinyModel.VOCABULARY])),
                        Kind.BAD_MODEL,
                        "byte 0x41"));
    }

    private static Arguments broken(String name, Consumer<GgufWriter> change, Kind kind, String message) {
        return Arguments.of(name, change, kind, message);
    }

    private static MetadataArray tokensWith(int index, String text) {
        List<String> tokens = TinyModel.tokens();
        tokens.set(index, text);
        return MetadataArray.ofTexts(tokens);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contradictions")
    void a_model_that_contradicts_itself_is_refused_by_name(String name, Consumer<GgufWriter> change, Kind kind,
            String message)
            throws IOException {
        TinyModel tiny = TinyModel.of("llama", 2);
        change.accept(tiny.writer());
        Path file = tiny.writeTo(directory.resolve("broken.gguf"));
        assertThatExceptionOfType(GgufException.class).as(name).isThrownBy(() -> {
            try (ModelFile model = ModelFile.open(file)) {
                Architectures.check(model, EngineAbi.ENGINE_ABI_B4916);
            }
        }).withMessageContaining("broken.gguf").withMessageContaining(message).withMessageEndingWith(".")
                .matches(refusal -> refusal.kind() == kind, "is of kind " + kind);
    }
}
