package org.barnraiser.testing.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class in a process of its own, for what may abort it. */
final class ChildJvm {

    private static final int TIMEOUT_SECONDS = 60;

    private ChildJvm() {}

    /**
     * How the process ended.
     *
     * @param exitCode 128 + the signal's number when a signal ended it
     */
    record Result(int exitCode, String output) {}

    static Result run(Class<?> main, Path output, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "")),
                main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("GGML_NO_BACKTRACE", "1");
        Process process = builder.start();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(main.getSimpleName() + " took more than " + TIMEOUT_SECONDS + " seconds");
        }
        return new Result(process.exitValue(), Files.readString(output));
    }
}
