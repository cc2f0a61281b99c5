package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.nio.file.Path;

/** A LoRA adapter of one matrix in each of a tiny model's layers, to be changed before it is written. */
public final class TinyAdapter {
    static final String WEIGHT = "attn_q.weight";
    static final int RANK = 4;

    private final GgufWriter writer = new GgufWriter();

    private TinyAdapter() {}

    /** One that fits the model. */
    public static TinyAdapter of(ModelFile model) {
        TinyAdapter adapter = new TinyAdapter().describe(model.architecture());
        for (int layer = 0; layer < model.layerCount(); layer++) {
            String weight = LayerTensors.name(layer, WEIGHT);
            TensorInfo base = model.tensor(weight).orElseThrow();
            adapter.pair(weight, new long[]{base.columns(), RANK}, new long[]{RANK, base.rows()});
        }
        return adapter;
    }

    /** One without any tensors yet. */
    static TinyAdapter empty(String architecture) {
        return new TinyAdapter().describe(architecture);
    }

    private TinyAdapter describe(String architecture) {
        writer.putText("general.type", "adapter").putText("general.architecture", architecture)
                .putText("adapter.type", "lora").putFloat32("adapter.lora.alpha", 8);
        return this;
    }

    TinyAdapter pair(String weight, long[] a, long[] b) {
        writer.tensor(weight + ".lora_a", GgmlType.F32, a);
        writer.tensor(weight + ".lora_b", GgmlType.F32, b);
        return this;
    }

    GgufWriter writer() {
        return writer;
    }

    public Path writeTo(Path file) throws IOException {
        writer.writeTo(file, TinyModel::randomData);
        return file;
    }
}
