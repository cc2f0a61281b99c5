package org.barnraiser.worker.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barnraiser.proto.SpeedRecord;
import org.barnraiser.worker.llama.Batch;
import org.barnraiser.worker.llama.ContextOptions;
import org.barnraiser.worker.llama.DecodeException;
import org.barnraiser.worker.llama.Devices;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;

/** Measures how fast a llama.cpp computes here, with a stage of a typical shape. */
final class MachineSpeed {
    private static final int PREFILL_TOKENS = 32;
    private static final int CACHE_TOKENS = 256;
    private static final int MOST_DECODES = 12;
    private static final long DECODE_NANOS = 400_000_000;

    private MachineSpeed() {}

    /**
     * Blocks for about a second.
     *
     * @param folder for a file that is gone afterwards
     */
    static SpeedRecord measure(LlamaLibrary library, int threads, int gpuLayers, Devices devices, Path folder)
            throws LlamaException, IOException {
        Path file = Files.createTempFile(folder, "sample", ".gguf");
        try {
            SampleModel.Written sample = SampleModel.write(file);
            ModelOptions layers = ModelOptions.defaults().withGpuLayers(gpuLayers);
            try (LlamaModel model = library.loadModel(file, devices.chosen().map(layers::withDevices).orElse(layers));
                    LlamaContext context = model.newContext(
                            new ContextOptions(CACHE_TOKENS, PREFILL_TOKENS, 1, threads, true));
                    Batch batch = Batch.ofEmbeddings(PREFILL_TOKENS, SampleModel.WIDTH)) {
                seconds(context, batch, 1); // the first reads the file and makes buffers
                double prefill = seconds(context, batch, PREFILL_TOKENS);
                double decode = decodeSeconds(context, batch);
                return SpeedRecord.newBuilder().setDecodeBytesPerSecond(sample.layerBytes() / decode)
                        .setPrefillOperationsPerSecond(sample.layerOperations() * PREFILL_TOKENS / prefill)
                        .build();
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** The quickest of some: whatever else the machine does makes it slower, nothing makes it quicker. */
    private static double decodeSeconds(LlamaContext context, Batch batch) throws DecodeException {
        long began = System.nanoTime();
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < MOST_DECODES && (i < 2 || System.nanoTime() - began < DECODE_NANOS); i++) {
            best = Math.min(best, seconds(context, batch, 1));
        }
        return best;
    }

    private static double seconds(LlamaContext context, Batch batch, int tokens) throws DecodeException {
        context.clear();
        batch.clear();
        for (int position = 0; position < tokens; position++) {
            batch.addEmbedding(position, 0, true).fill((byte) 0);
        }
        long began = System.nanoTime();
        context.decode(batch);
        return (System.nanoTime() - began) / 1e9;
    }
}
