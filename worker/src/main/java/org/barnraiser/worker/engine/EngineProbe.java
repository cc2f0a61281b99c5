package org.barnraiser.worker.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.worker.engine.TriedEngine.Unusable;
import org.barnraiser.worker.engine.TriedEngine.Usable;

/** Opens a llama.cpp in a process of its own, which it may end or hang, and reads what it says of itself. */
final class EngineProbe {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int MAX_OUTPUT = 64 << 10;
    private static final File NOTHING = new File(
            System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private final List<String> program;
    private final Duration patience;

    /** @param program is run with the folder as its last argument, or without one */
    EngineProbe(List<String> program, Duration patience) {
        this.program = List.copyOf(program);
        this.patience = patience;
    }

    /** With the Java and the class path of this process. */
    static EngineProbe ofThisProgram() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new EngineProbe(List.of(java, "--enable-native-access=ALL-UNNAMED", "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp",
                System.getProperty("java.class.path"), ProbeMain.class.getName()), PATIENCE);
    }

    /** Blocks until the process has ended, or for as long as it may take. */
    TriedEngine attempt(EngineLocation location) throws InterruptedException {
        List<String> command = new ArrayList<>(program);
        location.folder().ifPresent(folder -> command.add(folder.toString()));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(NOTHING)).start();
        } catch (IOException e) {
            return new Unusable(location, "Java could not be started to try it: " + e.getMessage() + ".");
        }
        try {
            return examine(location, process);
        } finally {
            process.destroyForcibly();
        }
    }

    private TriedEngine examine(EngineLocation location, Process process) throws InterruptedException {
        CompletableFuture<String> errors = readAside(process.getErrorStream());
        CompletableFuture<String> output = readAside(process.getInputStream());
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            return new Unusable(location, "It did not open within " + patience.toSeconds() + " s.");
        }
        if (process.exitValue() != 0) {
            String sentence = errors.join().strip().lines().reduce("", (_, line) -> line);
            return new Unusable(location, process.exitValue() == 1 && !sentence.isEmpty()
                    ? sentence
                    : "It ended the process that opened it (exit status " + process.exitValue() + ").");
        }
        try {
            var record = WorkerRecord.newBuilder();
            // Whatever else was printed came before.
            PARSER.merge(output.join().lines().filter(line -> line.startsWith("{")).reduce("", (_, line) -> line),
                    record);
            return new Usable(location, record.build());
        } catch (InvalidProtocolBufferException e) {
            return new Unusable(location, "What it said of itself cannot be read: " + e.getMessage() + ".");
        }
    }

    private static CompletableFuture<String> readAside(InputStream stream) {
        return CompletableFuture.supplyAsync(() -> {
            try (stream) {
                String text = new String(stream.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
                stream.transferTo(OutputStream.nullOutputStream());
                return text;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, Thread::startVirtualThread);
    }
}
