package org.barnraiser.worker.engine;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Fetches packages with the npm program of this machine, which knows its registry and its proxy. npm checks what it receives against the
 * registry's sha512, and this class against the one that Barnraiser knows, so a registry cannot hand out something else.
 */
final class NpmClient {
    private static final long MAX_ARCHIVE_BYTES = 1L << 30;
    private static final int MAX_ERROR_CHARS = 300;

    private final Path program;
    private final Map<String, String> environment;
    private final Duration patience;

    private NpmClient(Path program, Map<String, String> environment, Duration patience) {
        this.program = program;
        this.environment = Map.copyOf(environment);
        this.patience = patience;
    }

    /**
     * @param environment of this machine; its PATH says where npm is
     * @param patience for each package
     */
    static NpmClient find(Map<String, String> environment, Duration patience) throws EngineException {
        String name = File.separatorChar == '\\' ? "npm.cmd" : "npm";
        return Stream.of(environment.getOrDefault("PATH", "").split(Pattern.quote(File.pathSeparator)))
                .filter(folder -> !folder.isEmpty()).map(folder -> Path.of(folder, name)).filter(Files::isExecutable)
                .findFirst().map(program -> new NpmClient(program, environment, patience))
                .orElseThrow(() -> new EngineException("This needs the program 'npm', which is not on the PATH: install"
                        + " Node.js (for example 'apt install npm' or 'brew install node'), or name the folder of a"
                        + " llama.cpp that you have with --llama-lib."));
    }

    /** The package's archive. Blocks; all that npm writes lies in the folder. */
    Path fetch(EnginePackage wanted, Path folder) throws EngineException, IOException, InterruptedException {
        Path fetched = Files.createDirectory(folder.resolve("fetched"));
        Path errors = folder.resolve("npm.log");
        var builder = new ProcessBuilder(program.toString(), "pack", wanted.toString(), "--pack-destination",
                fetched.toString(), "--cache", folder.resolve("npm-cache").toString(), "--ignore-scripts", "--loglevel",
                "error", "--no-update-notifier", "--no-audit", "--fetch-retries", "2", "--fetch-retry-mintimeout",
                "1000", "--fetch-retry-maxtimeout", "5000").directory(fetched.toFile()).redirectErrorStream(true)
                .redirectOutput(errors.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new EngineException("npm has not fetched " + wanted + " within " + patience.toSeconds()
                        + " s; try again on a faster network.");
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new EngineException("npm could not fetch " + wanted + ": " + reason(errors)
                    + "; see whether npm's registry is reached from here ('npm ping'), and try again.");
        }
        return checked(wanted, only(wanted, fetched));
    }

    private static Path only(EnginePackage wanted, Path folder) throws EngineException, IOException {
        try (Stream<Path> files = Files.list(folder)) {
            Optional<Path> archive = files.filter(file -> file.getFileName().toString().endsWith(".tgz")).findFirst();
            return archive.orElseThrow(() -> new EngineException("npm said that it fetched " + wanted
                    + ", but there is no archive; use a current npm."));
        }
    }

    private static Path checked(EnginePackage wanted, Path archive) throws EngineException, IOException {
        if (Files.size(archive) > MAX_ARCHIVE_BYTES) {
            throw new EngineException("The archive of " + wanted + " has " + Files.size(archive)
                    + " bytes, which is too much to be true; nothing was installed.");
        }
        if (!sha512(archive).equals(wanted.sha512())) {
            throw new EngineException("What npm's registry gave for " + wanted
                    + " is not what Barnraiser knows by that name (its sha512 differs), so nothing was installed;"
                    + " see which registry npm asks ('npm config get registry').");
        }
        return archive;
    }

    private static String sha512(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file);
                var digesting = new DigestInputStream(content, MessageDigest.getInstance("SHA-512"))) {
            digesting.transferTo(OutputStream.nullOutputStream());
            return Base64.getEncoder().encodeToString(digesting.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-512", e);
        }
    }

    /** npm's code, such as ECONNREFUSED, and the first of its lines that is a sentence. */
    private static String reason(Path log) throws IOException {
        List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines()
                .filter(line -> line.startsWith("npm error") || line.startsWith("npm ERR!"))
                .map(line -> line.replaceFirst("npm (error|ERR!)", "").strip()).toList();
        String code = lines.stream().filter(line -> line.startsWith("code ")).findFirst().orElse("").replace("code ",
                "");
        String sentence = lines.stream().filter(line -> line.split(" ").length > 3).findFirst().orElse("");
        String told = (code + " " + sentence).strip();
        return told.isEmpty() ? "it gave no reason" : told.substring(0, Math.min(told.length(), MAX_ERROR_CHARS));
    }
}
