package org.barnraiser.testing.clients;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The programs among the resources, with what they need from npm. */
final class NodePrograms {
    private static final List<String> FILES = List.of("package.json", "package-lock.json", "checks.mjs", "openai.mjs",
            "anthropic.mjs", "vercel.mjs", "all.mjs");
    private static final int MINUTES = 3;

    private final Path folder;

    private NodePrograms(Path folder) {
        this.folder = folder;
    }

    /** Gets what they need, or skips the test with the reason where that cannot be had. */
    static NodePrograms install(Path folder) throws IOException, InterruptedException {
        for (String file : FILES) {
            try (InputStream source = NodePrograms.class.getResourceAsStream("/clients/" + file)) {
                Files.copy(Objects.requireNonNull(source), folder.resolve(file));
            }
        }
        NodePrograms programs = new NodePrograms(folder);
        try {
            Result installed = programs.run(List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                    "--prefer-offline", "--fetch-retries=1", "--fetch-timeout=30000"), URI.create("http://localhost"));
            skipUnless(installed.status() == 0, "npm cannot get them:\n" + installed.output());
        } catch (IOException noNpm) {
            skipUnless(false, "there is no npm (apt-get install npm).");
        }
        return programs;
    }

    /** What they print, one line for each check. */
    List<String> check(URI barn) throws IOException, InterruptedException {
        return run(List.of("node", "all.mjs"), barn).output().lines().toList();
    }

    private record Result(int status, String output) {}

    private Result run(List<String> command, URI barn) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("BARN_URL", barn.toString().replaceAll("/$", ""));
        Process process = builder.start();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            return new Result(-1, command + " took more than " + MINUTES + " minutes.\n" + Files.readString(output));
        }
        return new Result(process.exitValue(), Files.readString(output));
    }

    private static void skipUnless(boolean possible, String reason) {
        if (!possible) {
            String sentence = "The programs of npm are not tried: " + reason;
            System.out.println(sentence);
            Assumptions.abort(sentence);
        }
    }
}
