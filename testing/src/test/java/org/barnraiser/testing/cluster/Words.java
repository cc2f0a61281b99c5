package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.primitives.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What nobody else would say, in every form in which it might be found where it must not be. */
final class Words {
    private static final int LENGTH = 16;
    /** So many of its tokens in a row are no accident. */
    private static final int TELLING_TOKENS = 6;
    private static final long LARGEST_FILE_BYTES = 256L << 20;

    private final String text;
    private int[] tokens = {};

    private Words(String text) {
        this.text = text;
    }

    static Words random() {
        return new Words(ThreadLocalRandom.current().ints(LENGTH, 'a', 'z' + 1)
                .mapToObj(letter -> String.valueOf((char) letter)).collect(Collectors.joining()));
    }

    String text() {
        return text;
    }

    /** Takes the tokens from what {@code /v1/tokenize} answered. */
    void remember(String answer) throws IOException {
        tokens = IntStream.range(0, new ObjectMapper().readTree(answer).path("tokens").size()).toArray();
        var list = new ObjectMapper().readTree(answer).path("tokens");
        Arrays.setAll(tokens, at -> list.path(at).asInt());
        if (tokens.length < TELLING_TOKENS + 2) {
            throw new IOException("these words are too few tokens: " + answer);
        }
    }

    /** The files under a folder, and the output, that have the words in them in some form. */
    List<String> filesWithThem(Path folder, String output) throws IOException {
        List<byte[]> forms = forms();
        List<String> found = new ArrayList<>(filesWith(folder, forms));
        byte[] said = output.getBytes(StandardCharsets.UTF_8);
        if (forms.stream().anyMatch(form -> Bytes.indexOf(said, form) >= 0)) {
            found.add("standard output");
        }
        return found;
    }

    private List<byte[]> forms() {
        List<byte[]> forms = new ArrayList<>();
        for (var charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            forms.add(text.getBytes(charset));
        }
        // As frames and buffers are printed.
        forms.add(HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)).getBytes(StandardCharsets.US_ASCII));
        // Not the first ones, which may be others after other words.
        int[] telling = Arrays.copyOfRange(tokens, tokens.length - TELLING_TOKENS, tokens.length);
        for (String between : List.of(",", ", ", " ", "\n")) {
            forms.add(Arrays.stream(telling).mapToObj(Integer::toString).collect(Collectors.joining(between))
                    .getBytes(StandardCharsets.US_ASCII));
        }
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            ByteBuffer bytes = ByteBuffer.allocate(TELLING_TOKENS * Integer.BYTES).order(order);
            Arrays.stream(telling).forEach(bytes::putInt);
            forms.add(bytes.array());
        }
        return forms;
    }

    /** The files under a folder that have one of these in them; what is taken away meanwhile, as a process that ends does, is passed over. */
    static List<String> filesWith(Path folder, List<byte[]> forms) throws IOException {
        List<String> found = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                try {
                    if (attributes.isRegularFile()) {
                        formsIn(file, forms).forEach(form -> found.add(folder.relativize(file) + " has " + form));
                    }
                } catch (NoSuchFileException e) {
                    return visitFileFailed(file, e);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException && !file.equals(folder)) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
        return found;
    }

    private static List<String> formsIn(Path file, List<byte[]> forms) throws IOException {
        if (Files.size(file) > LARGEST_FILE_BYTES) {
            throw new IOException(file + " is too large to be searched");
        }
        byte[] bytes = Files.readAllBytes(file);
        return forms.stream().filter(form -> Bytes.indexOf(bytes, form) >= 0)
                .map(form -> new String(form, StandardCharsets.UTF_8)).toList();
    }
}
