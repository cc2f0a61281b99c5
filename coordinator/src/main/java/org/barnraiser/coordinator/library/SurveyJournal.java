package org.barnraiser.coordinator.library;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.barnraiser.coordinator.hash.LastingSha256;
import org.barnraiser.coordinator.hash.Sha256;

/**
 * How far the reading of a model has come that is not kept, on the disk: the sha256 of every tensor that has gone by, and of the files so
 * far. It is replaced as a whole and ends with its own sha256, so whatever moment the process is killed at, and whatever the disk
 * does, what can be read of it is true. For one thread.
 */
final class SurveyJournal {
    private static final String NAME = "survey.journal";
    private static final String MAGIC = "barnraiser-survey 1 ";

    private final Path file;
    private final String title;

    /**
     * What has gone by.
     *
     * @param whole sha256 of each file that has gone by as a whole, in split order
     * @param position how much of the next one has, up to the end of a tensor
     * @param state of the sha256 of that much
     * @param tensors sha256 of each tensor, by name
     */
    record Reached(List<String> whole, long position, String state, Map<String, String> tensors) {}

    private SurveyJournal(Path file, String title) {
        this.file = file;
        this.title = title;
    }

    /**
     * The journal in a folder.
     *
     * @param identity tells these files from any others; what was written of others counts for nothing
     */
    static SurveyJournal in(Path folder, String identity) {
        return new SurveyJournal(folder.resolve(NAME), MAGIC + Sha256.of(identity));
    }

    /** Whether a folder has a journal. */
    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(NAME));
    }

    /** Whether this is one. */
    static boolean is(Path file) {
        return file.endsWith(NAME);
    }

    /** What an earlier attempt wrote down; nothing when there was none, or of other files. */
    Reached read() throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException | CharacterCodingException _) {
            lines = List.of();
        }
        boolean sound = lines.size() > 2 && lines.getFirst().equals(title)
                && lines.getLast().equals(Sha256.of(String.join("\n", lines.subList(0, lines.size() - 1))));
        return sound ? parse(lines.subList(1, lines.size() - 1)) : new Reached(List.of(), 0, begun(), Map.of());
    }

    private static Reached parse(List<String> lines) {
        List<String> whole = new ArrayList<>();
        Map<String, String> tensors = new TreeMap<>();
        long position = 0;
        String state = begun();
        for (String line : lines) {
            String[] words = line.split(" ", 3);
            switch (words[0]) {
                case "whole" -> whole.add(words[1]);
                case "tensor" -> tensors.put(words[2], words[1]);
                case "reached" -> {
                    position = Long.parseLong(words[1]);
                    state = words[2];
                }
                default -> throw new IllegalStateException("a journal that was checked has the line " + line);
            }
        }
        return new Reached(whole, position, state, tensors);
    }

    /** The state of a sha256 of nothing. */
    static String begun() {
        return LastingSha256.begin().state();
    }

    /** Writes down what has gone by; it is on the disk when this returns. */
    void write(Reached reached) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(title);
        reached.whole().forEach(sha256 -> lines.add("whole " + sha256));
        reached.tensors().forEach((name, sha256) -> lines.add("tensor " + sha256 + " " + name));
        lines.add("reached " + reached.position() + " " + reached.state());
        lines.add(Sha256.of(String.join("\n", lines)));
        Path next = file.resolveSibling(NAME + ".next");
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(String.join("\n", lines) + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** There is nothing to go on from any more. */
    void discard() throws IOException {
        Files.deleteIfExists(file);
    }
}
