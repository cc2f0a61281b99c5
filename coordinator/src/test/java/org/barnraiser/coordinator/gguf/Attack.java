package org.barnraiser.coordinator.gguf;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barnraiser.proto.EngineAbi;

/** Opens a file that may hold anything, and looks at all of it. Only a {@link GgufException} may come of it, and little memory be taken. */
final class Attack {
    private static final long MOST_ALLOCATED_BYTES = 64 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Attack() {}

    /** Whether the file was taken for a model. */
    static boolean succeeds(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        boolean opened = open(file);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (allocated > MOST_ALLOCATED_BYTES) {
            throw new AssertionError("a file of %d bytes took %d bytes of memory".formatted(bytes.length, allocated));
        }
        return opened;
    }

    private static boolean open(Path file) {
        try (ModelFile model = ModelFile.open(file)) {
            for (EngineAbi engine : new EngineAbi[]{EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5}) {
                Architectures.check(model, engine);
                Architectures.cutPoints(model, engine);
            }
            LayerSizes.of(model);
            return true;
        } catch (GgufException e) {
            if (e.getMessage() == null || !e.getMessage().contains(file.getFileName().toString())) {
                throw new AssertionError("a refusal that does not name the file", e);
            }
            return false;
        }
    }
}
