package org.barnraiser.worker.llama;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/**
 * A process of its own that loads damaged files: {@code HostileLoads MODEL WORKFILE [LIBRARY_FOLDER]}. It prints how many were refused,
 * how many loaded and, as its last line, "survived".
 */
final class HostileLoads {
    private static final int TRUNCATIONS = 60;
    private static final int FLIPS = 200;

    private final LlamaLibrary library;
    private final byte[] sound;
    private final Path file;
    private int refused;
    private int loaded;

    private HostileLoads(LlamaLibrary library, byte[] sound, Path file) {
        this.library = library;
        this.sound = sound;
        this.file = file;
    }

    public static void main(String[] arguments) throws Exception {
        Optional<Path> folder = Optional.of(arguments).filter(all -> all.length > 2).map(all -> Path.of(all[2]));
        byte[] sound = Files.readAllBytes(Path.of(arguments[0]));
        var loads = new HostileLoads(LlamaLibrary.open(folder), sound, Path.of(arguments[1]));
        loads.truncations();
        loads.garbage();
        System.out.println("refused " + loads.refused + ", loaded " + loads.loaded);
        System.out.println("survived");
    }

    /** Cut at every place near the start, and here and there in the tensors. */
    private void truncations() {
        for (int length = 0; length < TRUNCATIONS; length++) {
            load(Arrays.copyOf(sound, length));
        }
        for (int part = 1; part < TRUNCATIONS; part++) {
            load(Arrays.copyOf(sound, (int) ((long) sound.length * part / TRUNCATIONS)));
        }
        load(Arrays.copyOf(sound, sound.length - 1));
    }

    /** A right start and then noise, and noise in tensor data, which no loader can tell. */
    private void garbage() {
        Random random = new Random(1);
        for (int i = 0; i < FLIPS; i++) {
            byte[] noise = new byte[1000 + random.nextInt(5000)];
            random.nextBytes(noise);
            System.arraycopy(sound, 0, noise, 0, random.nextInt(25));
            load(noise);
        }
        byte[] spoiled = sound.clone();
        for (int i = 0; i < FLIPS; i++) {
            spoiled[spoiled.length / 2 + random.nextInt(spoiled.length / 2)] = (byte) random.nextInt();
        }
        load(spoiled);
    }

    private void load(byte[] content) {
        try {
            Files.write(file, content);
            library.loadModel(file, ModelOptions.defaults()).close();
            loaded++;
        } catch (ModelLoadException e) {
            if (!e.toString().contains(file.toString())) {
                throw new IllegalStateException("a message that names no file", e);
            }
            refused++;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
