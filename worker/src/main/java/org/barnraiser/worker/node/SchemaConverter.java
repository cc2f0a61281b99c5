package org.barnraiser.worker.node;

import de.kherud.llama.LlamaModel;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Turns JSON schemas into GBNF with llama.cpp's own converter.
 *
 * <p>The converter lets C++ exceptions pass through JNI for most malformed schemas, which ends the process ("terminate
 * called after throwing ..."), and overflows its stack on wide ones (5,000 properties) and deep patterns. So it runs in a
 * process of its own, once per schema, and whatever happens there is this schema's problem alone; nor does its copy of
 * llama.cpp meet the one that computes. Results are remembered, as clients send the same schema again and again.
 */
final class SchemaConverter {
    static final int MAX_SCHEMA_CHARS = 256 << 10;
    static final int MAX_NESTING = 64;
    private static final int MAX_GRAMMAR_BYTES = 1 << 20;
    private static final int MAX_MESSAGE_BYTES = 64 << 10;
    private static final int MAX_REASON_CHARS = 300;
    private static final int MAX_REMEMBERED = 32;
    private static final long TIMEOUT_SECONDS = 20;
    private static final String REASON_MARK = "what():";

    private final Path folder;
    /** One at a time, as every run unpacks its library to the same place. */
    private final ReentrantLock turn = new ReentrantLock(true);
    /** Guarded by itself. */
    private final Map<String, String> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    /**
     * @param folder of this converter alone: the library deletes files around it whose names begin with "llama"
     */
    SchemaConverter(Path folder) {
        this.folder = folder;
    }

    /** Blocks on another process, for about half a second, when the schema is new. */
    String convert(String schema) throws InvalidSchemaException, InterruptedException {
        check(schema);
        synchronized (remembered) {
            String known = remembered.get(schema);
            if (known != null) {
                return known;
            }
        }
        if (!turn.tryLock(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new InvalidSchemaException("Too many schemas are being converted; try again later.");
        }
        try {
            String grammar = run(schema);
            synchronized (remembered) {
                remembered.put(schema, grammar);
            }
            return grammar;
        } catch (IOException e) {
            throw new InvalidSchemaException("The schema converter cannot be run: " + e.getMessage() + ".");
        } finally {
            turn.unlock();
        }
    }

    private static void check(String schema) throws InvalidSchemaException {
        if (schema.length() > MAX_SCHEMA_CHARS) {
            throw new InvalidSchemaException("The schema has " + schema.length() + " characters; at most "
                    + MAX_SCHEMA_CHARS + " are allowed.");
        }
        int depth = 0;
        boolean quoted = false;
        for (int at = 0; at < schema.length(); at++) {
            char c = schema.charAt(at);
            if (quoted) {
                at += c == '\\' ? 1 : 0;
                quoted = c != '"';
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            }
            if (depth > MAX_NESTING) {
                throw new InvalidSchemaException("The schema is nested deeper than " + MAX_NESTING + ".");
            }
        }
    }

    private String run(String schema) throws IOException, InvalidSchemaException, InterruptedException {
        Files.createDirectories(folder);
        Process process = new ProcessBuilder(java(), "-Xmx64m", "-Xss16m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+SuppressFatalErrorMessage", "-XX:-CreateCoredumpOnCrash", "--enable-native-access=ALL-UNNAMED",
                "-Dde.kherud.llama.tmpdir=" + folder.toAbsolutePath(), "-cp", classPath(),
                SchemaConverterProcess.class.getName()).start();
        try {
            var output = read(process.getInputStream(), MAX_GRAMMAR_BYTES);
            var messages = read(process.getErrorStream(), MAX_MESSAGE_BYTES);
            try (var input = process.getOutputStream()) {
                input.write(schema.getBytes(StandardCharsets.UTF_8));
            } catch (IOException _) {
                // It ended before it had read everything; its exit status says the rest.
            }
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new InvalidSchemaException("The schema takes too long to turn into a grammar.");
            }
            if (process.exitValue() != 0) {
                throw new InvalidSchemaException("The schema cannot be turned into a grammar: "
                        + reason(new String(messages.join(), StandardCharsets.UTF_8)) + ".");
            }
            byte[] grammar = output.join();
            if (grammar.length > MAX_GRAMMAR_BYTES) {
                throw new InvalidSchemaException(
                        "The schema's grammar is larger than " + MAX_GRAMMAR_BYTES + " bytes.");
            }
            return new String(grammar, StandardCharsets.UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Reads to the end, keeping a little more than the limit, so that the writer never blocks. */
    private static CompletableFuture<byte[]> read(InputStream stream, int limit) {
        var result = new CompletableFuture<byte[]>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                byte[] kept = stream.readNBytes(limit + 1);
                stream.transferTo(java.io.OutputStream.nullOutputStream());
                result.complete(kept);
            } catch (IOException _) {
                result.complete(new byte[0]);
            }
        });
        return result;
    }

    /** What the exception that ended the process said. */
    private static String reason(String messages) {
        int mark = messages.indexOf(REASON_MARK);
        if (mark < 0) {
            return "the converter cannot cope with it";
        }
        String said = messages.substring(mark + REASON_MARK.length()).replaceAll("\\s+", " ").strip();
        return said.length() <= MAX_REASON_CHARS ? said : said.substring(0, MAX_REASON_CHARS) + "…";
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath() throws IOException {
        return locationOf(SchemaConverterProcess.class) + File.pathSeparator + locationOf(LlamaModel.class);
    }

    private static Path locationOf(Class<?> type) throws IOException {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException("The place of " + type.getName() + " is no path", e);
        }
    }
}
