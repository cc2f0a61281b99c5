package org.barnraiser.testing.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.Step;
import org.barnraiser.testing.models.Family;
import org.jspecify.annotations.Nullable;

/** Keeps the reference that was asked for last: cases come in an order in which neighbours share it. */
final class References implements AutoCloseable {

    private @Nullable String key;
    private @Nullable Path file;
    private @Nullable Reference reference;

    Reference of(Family family, GgmlType type, Library library, Path folder) throws Exception {
        String wanted = family + " " + type + " " + library;
        if (reference == null || !wanted.equals(key)) {
            close();
            file = TestModel.write(family, type, folder, library.llama());
            ModelFile model = ModelFile.open(file);
            List<Step> script = Script.steps(model.vocabularySize());
            Manifest manifest = Manifest.of(model);
            int slots = slots(type);
            SplitModel.Outcome oneStage = SplitModel.run(library, model, manifest, List.of(0, model.layerCount()),
                    folder, slots, script);
            reference = new Reference(model, manifest, script, slots,
                    WholeModel.run(library.llama(), file, slots, script),
                    oneStage.sampled());
            key = wanted;
        }
        return reference;
    }

    /** Attention is computed in both ways for every family and library. */
    private static int slots(GgmlType type) {
        return switch (type) {
            case Q8_0, Q4_0, Q4_K -> Script.MANY_SLOTS;
            default -> Script.SLOTS;
        };
    }

    @Override
    public void close() throws IOException {
        if (reference != null && file != null) {
            reference.model().close();
            reference = null;
            Files.delete(file);
        }
    }
}
