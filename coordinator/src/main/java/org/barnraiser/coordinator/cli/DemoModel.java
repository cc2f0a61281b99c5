package org.barnraiser.coordinator.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The tiny model that comes with Barnraiser (docs/demo-model.md). */
final class DemoModel {
    private static final String NAME = "barnraiser-demo.gguf";

    private DemoModel() {}

    /** Lays the model into the folder, afresh each time: it is small, and so it is surely whole. */
    static Path writeTo(Path folder) throws CommandException {
        Path file = folder.resolve(NAME);
        try (InputStream model = DemoModel.class.getResourceAsStream(NAME)) {
            if (model == null) {
                throw new CommandException("this build lacks the demo model; name a model with --model FILE.");
            }
            Path temporary = Files.createTempFile(folder, NAME, ".part");
            Files.copy(model, temporary, StandardCopyOption.REPLACE_EXISTING);
            return Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CommandException("cannot write the demo model to " + file + " (" + e.getMessage() + ").", e);
        }
    }
}
