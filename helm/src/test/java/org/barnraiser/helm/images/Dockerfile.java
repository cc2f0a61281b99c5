package org.barnraiser.helm.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Dockerfile, read as far as ours go: stages and their instructions, arguments filled in. */
record Dockerfile(List<Stage> stages) {
    private static final Pattern FROM = Pattern.compile("(\\S+)(?:\\s+[Aa][Ss]\\s+(\\S+))?");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)}");
    private static final Pattern IGNORE = Pattern.compile("#\\s*hadolint ignore=(\\S+)");

    /**
     * One line of it, continued ones joined.
     *
     * @param ignored the rule that a comment above switches off; may be empty
     */
    record Instruction(int line, String keyword, String arguments, String ignored) {}

    /** What one FROM begins; {@code base} is an image or an earlier stage. */
    record Stage(int line, String base, String name, List<Instruction> instructions) {}

    static Dockerfile read(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    static Dockerfile parse(String text) {
        Map<String, String> arguments = new HashMap<>();
        List<Stage> stages = new ArrayList<>();
        for (Instruction instruction : instructions(text)) {
            String rest = instruction.arguments();
            if (instruction.keyword().equals("ARG") && stages.isEmpty()) {
                int equals = rest.indexOf('=');
                arguments.put(rest.substring(0, equals), rest.substring(equals + 1));
            } else if (instruction.keyword().equals("FROM")) {
                Matcher from = FROM.matcher(VARIABLE.matcher(rest).replaceAll(
                        match -> Matcher.quoteReplacement(arguments.getOrDefault(match.group(1), ""))));
                if (!from.matches()) {
                    throw new IllegalArgumentException("line " + instruction.line() + " is no FROM: " + rest);
                }
                stages.add(new Stage(instruction.line(), from.group(1),
                        Optional.ofNullable(from.group(2)).orElse(""), new ArrayList<>()));
            } else if (stages.isEmpty()) {
                throw new IllegalArgumentException("line " + instruction.line() + " comes before the first FROM");
            } else {
                stages.getLast().instructions().add(instruction);
            }
        }
        return new Dockerfile(stages);
    }

    private static List<Instruction> instructions(String text) {
        List<Instruction> found = new ArrayList<>();
        List<String> lines = text.lines().toList();
        String ignored = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            Matcher ignore = IGNORE.matcher(line);
            if (ignore.matches()) {
                ignored = ignore.group(1);
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                int first = i;
                StringBuilder whole = new StringBuilder(line);
                while (whole.charAt(whole.length() - 1) == '\\' && i + 1 < lines.size()) {
                    whole.setLength(whole.length() - 1);
                    i++;
                    whole.append(' ').append(lines.get(i).strip());
                }
                int space = whole.indexOf(" ");
                String keyword = space < 0 ? whole.toString() : whole.substring(0, space);
                found.add(new Instruction(first + 1, keyword.toUpperCase(Locale.ROOT),
                        space < 0 ? "" : whole.substring(space).strip(), ignored));
                ignored = "";
            }
        }
        return found;
    }

    Optional<Stage> stage(String name) {
        return stages.stream().filter(stage -> stage.name().equals(name)).findFirst();
    }

    /** Its own and those of the stages that it builds on, in order. */
    List<Instruction> allInstructions(Stage stage) {
        List<Instruction> all = new ArrayList<>();
        stage(stage.base()).ifPresent(base -> all.addAll(allInstructions(base)));
        all.addAll(stage.instructions());
        return all;
    }

    /** The stages that nothing else is built on or copied from: the images. */
    List<Stage> images() {
        return stages.stream().filter(stage -> stages.stream().noneMatch(other -> other.base().equals(stage.name())
                || other.instructions().stream()
                        .anyMatch(line -> line.arguments().contains("--from=" + stage.name() + " "))))
                .toList();
    }
}
