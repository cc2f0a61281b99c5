package org.barnraiser.helm.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.images.Dockerfile.Instruction;
import org.junit.jupiter.api.Assumptions;

/**
 * The files that an image puts onto its base, laid out in a folder that plays its root. COPY and the making of folders are
 * done; what RUN installs from an archive must be on this machine.
 */
final class Image {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final Pattern FOLDER = Pattern.compile("install -d -o (\\d+) -g (\\d+) (\\S+)");

    private final Path root;
    private final Map<String, String> environment = new HashMap<>();
    private Path workingFolder;
    private List<String> entryPoint = List.of();
    private List<String> health = List.of();

    private Image(Path root) {
        this.root = root;
        workingFolder = root;
    }

    /** Lays out a target of the Dockerfile; skips the test when the programs are not built. */
    static Image layOut(String target, Path root) throws IOException {
        Dockerfile file = Dockerfile.read(SourceTree.path("Dockerfile"));
        Image image = new Image(root);
        for (Instruction line : file.allInstructions(file.stage(target).orElseThrow())) {
            image.apply(line);
        }
        return image;
    }

    private void apply(Instruction line) throws IOException {
        String rest = line.arguments();
        switch (line.keyword()) {
            case "COPY" -> copy(SPACE.splitAsStream(rest).toList());
            case "RUN" -> FOLDER.matcher(rest).results().forEach(match -> makeFolder(match.group(3), match.group(1)));
            case "ENV" -> SPACE.splitAsStream(rest).forEach(pair -> environment.put(
                    pair.substring(0, pair.indexOf('=')), inside(pair.substring(pair.indexOf('=') + 1))));
            case "WORKDIR" -> workingFolder = Path.of(inside(rest));
            case "ENTRYPOINT" -> entryPoint = list(rest);
            case "HEALTHCHECK" -> health = list(rest.substring(rest.indexOf("CMD") + 3).strip());
            default -> {
                // Nothing that leaves a trace in files.
            }
        }
    }

    /** A path in the image, here. */
    private String inside(String path) {
        return path.startsWith("/barn") || path.startsWith("/data") ? root + path : path;
    }

    private List<String> list(String json) throws IOException {
        return JSON.readTree(json).valueStream().map(JsonNode::asText).map(this::inside).toList();
    }

    private void makeFolder(String path, String owner) {
        try {
            Path folder = Files.createDirectories(Path.of(inside(path)));
            if (Contained.isRoot()) {
                Files.setAttribute(folder, "unix:uid", Integer.valueOf(owner));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copy(List<String> arguments) throws IOException {
        boolean built = arguments.getFirst().equals("--from=build");
        List<String> paths = arguments.stream().filter(argument -> !argument.startsWith("--")).toList();
        String destination = inside(paths.getLast());
        for (String source : paths.subList(0, paths.size() - 1)) {
            String relative = built ? source.substring("/src/".length()) : source;
            Path folder = Objects.requireNonNull(SourceTree.path(relative).getParent());
            PathMatcher names = FileSystems.getDefault()
                    .getPathMatcher("glob:" + Path.of(relative).getFileName());
            List<Path> found;
            try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
                found = files.filter(path -> names.matches(path.getFileName())).toList();
            }
            if (found.isEmpty()) {
                String reason = "Skipped: " + relative + " is not there; ./barn test builds it first.";
                System.out.println(reason);
                Assumptions.assumeTrue(!built, reason);
                throw new IOException("the Dockerfile copies " + relative + ", which is not there");
            }
            for (Path path : found) {
                Path to = Path.of(destination);
                copy(path, Files.isDirectory(path) || !destination.endsWith("/") ? to : to.resolve(path.getFileName()));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(Objects.requireNonNull(to.getParent()));
        if (!Files.isDirectory(from)) {
            Files.copy(from, to);
            return;
        }
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** Starts its entry point as a user without rights, with nothing in its environment but what the image puts there. */
    Contained start(List<String> arguments, UnaryOperator<String> addresses, Path log) throws IOException {
        List<String> command = new ArrayList<>(entryPoint);
        arguments.forEach(argument -> command.add(addresses.apply(inside(argument))));
        return new Contained(Contained.process(command, environment, workingFolder, log),
                health.stream().map(addresses).toList(), environment, workingFolder, log);
    }
}
