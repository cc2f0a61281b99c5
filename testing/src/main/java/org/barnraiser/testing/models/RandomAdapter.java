package org.barnraiser.testing.models;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.GgufWriter;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.TensorInfo;

/**
 * A LoRA adapter with random weights for all large matrices of a model's layers. The same arguments give the same bytes.
 *
 * @param alpha as in {@code adapter.lora.alpha}
 * @param seed of the weights
 */
public record RandomAdapter(int rank, float alpha, long seed) {
    private static final Set<String> MATRICES = Set.of("attn_q.weight", "attn_k.weight", "attn_v.weight",
            "attn_output.weight", "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight");

    /** Writes the adapter, replacing any file that is there. */
    public void write(Path file, ModelFile model) throws IOException {
        var writer = new GgufWriter().putText("general.type", "adapter")
                .putText("general.architecture", model.architecture()).putText("adapter.type", "lora")
                .putFloat32("adapter.lora.alpha", alpha);
        for (TensorInfo tensor : model.tensors()) {
            if (tensor.name().startsWith("blk.")
                    && MATRICES.contains(tensor.name().substring(tensor.name().indexOf('.', 4) + 1))) {
                writer.tensor(tensor.name() + ".lora_a", GgmlType.F32, tensor.columns(), rank);
                writer.tensor(tensor.name() + ".lora_b", GgmlType.F32, rank, tensor.rows());
            }
        }
        writer.writeTo(file, (tensor, out) -> {
            var values = new float[Math.toIntExact(tensor.valueCount())];
            new RandomWeights(seed, new TensorShape(tensor.name(), TensorRole.MATRIX,
                    List.of(tensor.columns(), tensor.rows()))).fill(values);
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            out.write(bytes.array());
        });
    }
}
