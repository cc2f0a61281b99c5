package org.barnraiser.testing.models;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.GgufWriter;
import org.barnraiser.coordinator.gguf.TensorInfo;
import org.barnraiser.worker.llama.GgmlTypes;
import org.barnraiser.worker.llama.UnsupportedTypeException;

/**
 * A model with random weights: it runs like any other and says nonsense. The same arguments give the same bytes.
 *
 * @param shape what it is made of
 * @param type how its matrices are stored; those whose rows are no whole blocks are stored as F16, as llama-quantize
 * would
 * @param seed of the weights
 */
public record RandomModel(ModelShape shape, GgmlType type, long seed) {

    /** Values made and quantised at a time: enough to keep llama.cpp busy, few enough for any machine. */
    private static final int CHUNK_VALUES = 1 << 18;

    /** Writes the model as one GGUF, quantised by llama.cpp itself, replacing any file that is there. */
    public void write(Path file, GgmlTypes types) throws IOException {
        var writer = new GgufWriter();
        shape.metadata().forEach(writer::put);
        shape.tensors().forEach(tensor -> writer.tensor(tensor.name(), typeOf(tensor),
                tensor.dimensions().stream().mapToLong(Long::longValue).toArray()));
        Map<String, TensorShape> byName = shape.tensors().stream()
                .collect(Collectors.toMap(TensorShape::name, Function.identity()));
        writer.writeTo(file,
                (info, out) -> writeData(Objects.requireNonNull(byName.get(info.name())), info, types, out));
    }

    private GgmlType typeOf(TensorShape tensor) {
        if (tensor.role() != TensorRole.MATRIX) {
            return GgmlType.F32;
        }
        return tensor.columns() % type.blockValues() == 0 ? type : GgmlType.F16;
    }

    private void writeData(TensorShape tensor, TensorInfo info, GgmlTypes types, OutputStream out) throws IOException {
        var weights = new RandomWeights(seed, tensor);
        int columns = Math.toIntExact(info.columns());
        long rowsLeft = info.rows();
        while (rowsLeft > 0) {
            int rows = (int) Math.clamp(CHUNK_VALUES / columns, 1, rowsLeft);
            var values = new float[rows * columns];
            weights.fill(values);
            try {
                out.write(types.quantize(info.type().id(), values, columns));
            } catch (UnsupportedTypeException e) {
                throw new IOException("Cannot store " + tensor.name() + " as " + info.type(), e);
            }
            rowsLeft -= rows;
        }
    }
}
