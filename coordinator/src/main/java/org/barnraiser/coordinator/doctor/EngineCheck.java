package org.barnraiser.coordinator.doctor;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.DeviceRecord;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.WorkerRecord;

import static java.util.stream.Collectors.joining;

/** Whether llama.cpp opens here, as a worker would open it: in a process of its own, which it may take down with it. */
final class EngineCheck implements Check {
    private static final String MAIN = "org.barnraiser.worker.engine.ProbeMain";
    private static final int MAX_OUTPUT = 64 << 10;
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private final Optional<Path> folder;
    private final WorkerProgram worker;
    private final Duration patience;

    /**
     * @param folder of a llama.cpp build; empty: the one that comes along
     * @param patience for the process to end
     */
    EngineCheck(Optional<Path> folder, WorkerProgram worker, Duration patience) {
        this.folder = folder;
        this.worker = worker;
        this.patience = patience;
    }

    @Override
    public String subject() {
        return "llama.cpp";
    }

    @Override
    public List<Finding> findings() throws InterruptedException {
        if (!worker.isKnown()) {
            return List.of(Finding.warning(subject(), "It cannot be tried, because the worker's program is not known.",
                    "Start the doctor with the 'barn' script."));
        }
        Process process = null;
        try {
            process = new ProcessBuilder(
                    worker.command(MAIN, folder.map(Path::toString).map(List::of).orElseGet(List::of))).start();
            return List.of(examine(process));
        } catch (IOException | UncheckedIOException e) {
            return List.of(Finding.broken(subject(), "Java could not be started to try it: " + e.getMessage() + ".",
                    "See whether " + worker.java() + " can be run."));
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    private Finding examine(Process process) throws InterruptedException {
        CompletableFuture<String> errors = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()),
                Thread::startVirtualThread);
        CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process.getInputStream()),
                Thread::startVirtualThread);
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            return Finding.broken(subject(), shown() + " did not open within " + patience.toSeconds() + " s.",
                    "See whether this machine is overloaded or the disk is very slow, and try again.");
        }
        if (process.exitValue() != 0) {
            return refused(process.exitValue(), errors.join().strip());
        }
        try {
            WorkerRecord.Builder engine = WorkerRecord.newBuilder();
            // Whatever else was printed came before.
            PARSER.merge(output.join().lines().filter(line -> line.startsWith("{")).reduce("", (_, line) -> line),
                    engine);
            return opened(engine.build());
        } catch (InvalidProtocolBufferException e) {
            return Finding.broken(subject(), "The worker's answer cannot be read: " + e.getMessage() + ".",
                    "Build Barnraiser again: its parts are of different versions.");
        }
    }

    private Finding opened(WorkerRecord engine) {
        String devices = engine.getDevicesList().stream().map(EngineCheck::shown).collect(joining(", "));
        String abi = engine.getEngine().getAbi() == EngineAbi.ENGINE_ABI_B4916
                ? "the 2025 interface"
                : "the 2026 interface";
        return Finding.ok(subject(), shown() + " opens: version " + engine.getEngine().getBuild() + " with " + abi
                + "; it computes on " + devices + ".");
    }

    private Finding refused(int exitStatus, String sentence) {
        String words = sentence.isEmpty()
                ? shown() + " ended the process that opened it (exit status " + exitStatus + ")."
                : sentence;
        if (folder.isPresent()) {
            return Finding.broken(subject(), words, "Name a folder with a llama.cpp build for this machine with"
                    + " --llama-lib, or leave it out (and unset BARN_LLAMA_LIB) to use the one that comes along.");
        }
        return Finding.broken(subject(), words, "See that programs may be run from "
                + System.getProperty("java.io.tmpdir") + " (not mounted 'noexec', with room left), else set"
                + " JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=DIR; or give a llama.cpp build of this machine with --llama-lib.");
    }

    private String shown() {
        return folder.map(path -> "The llama.cpp in " + path).orElse("The llama.cpp that comes along");
    }

    private static String shown(DeviceRecord device) {
        return device.getTotalMemoryBytes() == 0
                ? device.getName()
                : device.getName() + " (" + Sizes.of(device.getTotalMemoryBytes()) + ")";
    }

    private static String read(InputStream stream) {
        try (stream) {
            return new String(stream.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
