package org.barnraiser.coordinator.attach;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Takes the text out of files, each in a process of its own with little memory and a deadline. Nothing touches a disk or a log.
 * Thread-safe.
 */
final class Extraction {
    static final int MAX_BYTES = 10_000_000;
    static final int MAX_PAGES = 1_000;
    static final int MAX_CHARACTERS = 1_000_000;
    private static final int MAX_UTF8_BYTES_PER_CHARACTER = 3;
    private static final int AT_ONCE = 2;
    private static final Duration WAIT_FOR_TURN = Duration.ofSeconds(10);

    private final Semaphore turns = new Semaphore(AT_ONCE);
    private final Duration deadline;

    /** @param deadline how long one file may take */
    Extraction(Duration deadline) {
        this.deadline = deadline;
    }

    /**
     * The text of a PDF or DOCX. Blocks, with a deadline.
     *
     * @param file at most {@link #MAX_BYTES} long
     */
    String text(byte[] file) throws RefusedFileException, IOException, InterruptedException {
        if (!turns.tryAcquire(WAIT_FOR_TURN.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new RefusedFileException(Refusal.BUSY);
        }
        try {
            return inOwnProcess(file);
        } finally {
            turns.release();
        }
    }

    private String inOwnProcess(byte[] file) throws RefusedFileException, IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command()).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        Process process = builder.start();
        try {
            Thread.startVirtualThread(() -> write(process, file));
            Thread.startVirtualThread(() -> endAtDeadline(process));
            byte[] text = process.getInputStream().readNBytes(MAX_CHARACTERS * MAX_UTF8_BYTES_PER_CHARACTER);
            process.waitFor();
            return answer(process.exitValue(), text);
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> command() {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-Xss512k",
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                // A report of a crash would hold what the file holds.
                "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null",
                // PDFBox lists the machine's fonts once and keeps the list, of font names alone, there.
                "-Dpdfbox.fontcache=" + System.getProperty("java.io.tmpdir"), "-cp",
                System.getProperty("java.class.path"), ExtractorMain.class.getName());
    }

    private static void write(Process process, byte[] file) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(file);
        } catch (IOException ended) {
            // The process ended before it had read all; its exit code says why.
        }
    }

    private void endAtDeadline(Process process) {
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
        }
    }

    private static String answer(int exitCode, byte[] text) throws RefusedFileException {
        if (exitCode == 0) {
            return new String(text, StandardCharsets.UTF_8);
        }
        throw new RefusedFileException(Refusal.ofExitCode(exitCode));
    }
}
