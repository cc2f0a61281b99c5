package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A well-formed model of a few kilobytes, with random weights, of any supported architecture. */
public final class TinyModel {
    static final int BYTES = 256;
    static final int VOCABULARY = 3 + BYTES + 29;

    private final String architecture;
    private final Hyperparameters hyperparameters;
    private final GgufWriter writer = new GgufWriter();

    private TinyModel(String architecture, Hyperparameters hyperparameters) {
        this.architecture = architecture;
        this.hyperparameters = hyperparameters;
    }

    public static TinyModel of(String architecture, int layers) {
        return of(architecture, hyperparameters(architecture, layers), true);
    }

    static TinyModel tied(String architecture, int layers) {
        return of(architecture, hyperparameters(architecture, layers), false);
    }

    static TinyModel of(String architecture, Hyperparameters hyperparameters, boolean output) {
        TinyModel model = new TinyModel(architecture, hyperparameters);
        model.describe(output);
        return model;
    }

    static Hyperparameters hyperparameters(String architecture, int layers) {
        boolean experts = architecture.equals("qwen3moe") || architecture.equals("gpt-oss")
                || architecture.equals("deepseek2");
        boolean deepSeek = architecture.equals("deepseek2");
        return new Hyperparameters(layers, 64, VOCABULARY, 4, deepSeek ? 4 : 2, deepSeek ? 24 : 16, 16,
                deepSeek ? 8 : 16, 96,
                experts ? 4 : 0, experts ? 2 : 0, experts ? 32 : 0, deepSeek ? 1 : 0, 0, 1, deepSeek ? 1 : 0,
                deepSeek ? 32 : 0,
                deepSeek ? 32 : 0, 0, 0);
    }

    /** To change the model before it is written. */
    GgufWriter writer() {
        return writer;
    }

    public Path writeTo(Path file) throws IOException {
        writer.writeTo(file, TinyModel::randomData);
        return file;
    }

    ModelFile openIn(Path directory) throws IOException {
        return ModelFile.open(writeTo(directory.resolve(architecture + ".gguf")));
    }

    static void randomData(TensorInfo tensor, OutputStream out) throws IOException {
        byte[] data = new byte[(int) tensor.lengthBytes()];
        new Random(tensor.name().hashCode()).nextBytes(data);
        out.write(data);
    }

    static List<String> tokens() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int i = 0; i < BYTES; i++) {
            tokens.add("<0x%02X>".formatted(i));
        }
        while (tokens.size() < VOCABULARY) {
            tokens.add("word" + tokens.size());
        }
        return tokens;
    }

    private void describe(boolean output) {
        describeModel();
        describeTokenizer();
        int embedding = hyperparameters.embedding();
        writer.tensor(ModelFile.TOKEN_EMBEDDING, GgmlType.Q8_0, embedding, VOCABULARY);
        Architecture known = Architectures.named(architecture).orElseThrow();
        for (int layer = 0; layer < hyperparameters.layers(); layer++) {
            for (TensorRule rule : known.layerTensors(hyperparameters, layer)) {
                add(LayerTensors.name(layer, rule.name()), rule);
            }
        }
        known.sharedTensors(false).forEach(rule -> add(rule.name(), rule));
        writer.tensor("output_norm.weight", GgmlType.F32, embedding);
        if (output) {
            writer.tensor("output.weight", GgmlType.Q4_0, embedding, VOCABULARY);
        }
    }

    private void add(String name, TensorRule rule) {
        long[] shape = rule.shape().stream().mapToLong(dimension -> dimension.of(hyperparameters)).toArray();
        boolean vector = shape.length == 1 || name.endsWith(".bias");
        writer.tensor(name, vector ? GgmlType.F32 : GgmlType.F16, shape);
    }

    private void describeModel() {
        writer.putText("general.architecture", architecture).putText("general.name", "Tiny");
        number("block_count", hyperparameters.layers());
        number("context_length", 128);
        number("embedding_length", hyperparameters.embedding());
        number("feed_forward_length", hyperparameters.feedForward());
        number("attention.head_count", hyperparameters.heads());
        number("attention.head_count_kv", hyperparameters.cacheHeads());
        number("attention.key_length", hyperparameters.keyLength());
        number("attention.value_length", hyperparameters.valueLength());
        number("rope.dimension_count", hyperparameters.ropeDimensions());
        number("attention.sliding_window", 32);
        writer.putFloat32(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f);
        if (architecture.equals("deepseek2")) {
            writer.putFloat32("deepseek2.expert_weights_scale", 1)
                    .putFloat32("deepseek2.rope.scaling.yarn_log_multiplier", 0.07f);
        }
        present("expert_count", hyperparameters.experts());
        present("expert_used_count", hyperparameters.expertsUsed());
        present("expert_feed_forward_length", hyperparameters.expertFeedForward());
        present("expert_shared_count", hyperparameters.sharedExperts());
        present("leading_dense_block_count", hyperparameters.leadingDense());
        present("attention.q_lora_rank", hyperparameters.queryRank());
        present("attention.kv_lora_rank", hyperparameters.cacheRank());
        present("attention.key_length_mla", hyperparameters.latentKeyLength());
        present("attention.value_length_mla", hyperparameters.latentValueLength());
    }

    private void describeTokenizer() {
        int[] types = new int[VOCABULARY];
        for (int i = 0; i < VOCABULARY; i++) {
            types[i] = i < 3 ? 3 : i < 3 + BYTES ? 6 : 1;
        }
        writer.putText("tokenizer.ggml.model", "llama")
                .putArray("tokenizer.ggml.tokens", MetadataArray.ofTexts(tokens()))
                .putArray("tokenizer.ggml.scores", MetadataArray.ofFloat32(new float[VOCABULARY]))
                .putArray("tokenizer.ggml.token_type", MetadataArray.ofInt32(types))
                .putUInt32("tokenizer.ggml.bos_token_id", 1).putUInt32("tokenizer.ggml.eos_token_id", 2)
                .putText("tokenizer.chat_template", "{{ messages }}");
    }

    private void present(String name, int value) {
        if (value > 0) {
            number(name, value);
        }
    }

    private void number(String name, int value) {
        writer.putUInt32(architecture + "." + name, value);
    }
}
