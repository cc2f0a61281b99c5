package org.barnraiser.testing.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.barnraiser.coordinator.cli.Barn;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.GgufWriter;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.TensorInfo;

/**
 * The demo model with its matrices written out as F32. It knows the same and computes more exactly: llama.cpp rounds hidden states to
 * 8 bits before it multiplies them with a Q8_0 matrix, and how it rounds depends on what else is in the step. Here what is
 * computed together changes the last bits at most, so that equal questions get equal answers, token by token.
 */
public final class DemoModelF32 {
    private static final String DEMO_MODEL = "barnraiser-demo.gguf";
    private static final int BLOCK_VALUES = GgmlType.Q8_0.blockValues();
    private static final int BLOCK_BYTES = GgmlType.Q8_0.blockBytes();
    private static final ValueLayout.OfShort SCALE = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private DemoModelF32() {}

    /** Writes the model into a folder. */
    public static Path writeTo(Path folder) throws IOException {
        Path original = folder.resolve(DEMO_MODEL);
        try (InputStream content = Barn.class.getResourceAsStream(DEMO_MODEL)) {
            if (content == null) {
                throw new IOException("this build lacks the demo model");
            }
            Files.copy(content, original, StandardCopyOption.REPLACE_EXISTING);
        }
        Path file = folder.resolve("barnraiser-demo-f32.gguf");
        try (ModelFile model = ModelFile.open(original)) {
            GgufWriter writer = new GgufWriter();
            model.metadata().values().forEach(writer::put);
            model.tensors().forEach(
                    tensor -> writer.tensor(tensor.name(), GgmlType.F32, tensor.shape().toArray()));
            writer.writeTo(file, (info, out) -> write(model, model.tensor(info.name()).orElseThrow(), out));
        }
        return file;
    }

    private static void write(ModelFile model, TensorInfo tensor, OutputStream out) throws IOException {
        MemorySegment bytes = model.bytes(tensor.fileIndex(), tensor.offsetBytes(),
                tensor.type().bytesOf(tensor.valueCount()));
        switch (tensor.type()) {
            case F32 -> out.write(bytes.toArray(ValueLayout.JAVA_BYTE));
            case Q8_0 -> out.write(spreadOut(bytes, Math.toIntExact(tensor.valueCount())));
            default -> throw new IOException(tensor.name() + " is of the type " + tensor.type());
        }
    }

    private static byte[] spreadOut(MemorySegment blocks, int values) {
        ByteBuffer spread = ByteBuffer.allocate(values * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long block = 0; block < values / BLOCK_VALUES; block++) {
            float scale = Float.float16ToFloat(blocks.get(SCALE, block * BLOCK_BYTES));
            for (int value = 0; value < BLOCK_VALUES; value++) {
                spread.putFloat(
                        scale * blocks.get(ValueLayout.JAVA_BYTE, block * BLOCK_BYTES + Short.BYTES + value));
            }
        }
        return spread.array();
    }
}
