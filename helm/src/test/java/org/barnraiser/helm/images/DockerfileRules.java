package org.barnraiser.helm.images;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.helm.images.Dockerfile.Instruction;
import org.barnraiser.helm.images.Dockerfile.Stage;

/** The main rules of hadolint, under its names. */
final class DockerfileRules {
    private static final Pattern COPY_FROM = Pattern.compile("--from=(\\S+) ");
    private static final Pattern INSTALL = Pattern.compile("apt-get install ((?:-\\S+ )*)([^&|;]+)");
    private static final Pattern COMMAND = Pattern.compile("(?:^|[&|;]\\s*)(\\w+)");

    private final List<String> mistakes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Dockerfile file;

    private DockerfileRules(Dockerfile file) {
        this.file = file;
    }

    /** Each as {@code line N: RULE what is wrong}; empty when all is well. */
    static List<String> mistakes(Dockerfile file) {
        DockerfileRules rules = new DockerfileRules(file);
        file.stages().forEach(rules::check);
        file.images().forEach(rules::checkImage);
        return rules.mistakes;
    }

    private void check(Stage stage) {
        if (!names.contains(stage.base())) {
            String name = stage.base().substring(stage.base().lastIndexOf('/') + 1);
            require(name.matches(".+[:@].+"), stage.line(), "DL3006 the base has no version");
            require(!name.endsWith(":latest"), stage.line(), "DL3007 'latest' is no version");
        }
        stage.instructions().forEach(this::check);
        require(stage.name().isEmpty() || names.add(stage.name()), stage.line(), "DL3024 two stages have one name");
    }

    private void check(Instruction line) {
        switch (line.keyword()) {
            case "WORKDIR" -> require(line.arguments().startsWith("/"), line, "DL3000 the folder is not absolute");
            case "ADD" -> require(false, line, "DL3020 COPY says what it does");
            case "MAINTAINER" -> require(false, line, "DL4000 MAINTAINER is no more");
            case "CMD", "ENTRYPOINT" -> require(line.arguments().startsWith("["), line, "DL3025 it is no JSON list");
            case "COPY" -> {
                Matcher from = COPY_FROM.matcher(line.arguments());
                require(!from.find() || names.contains(from.group(1)), line, "DL3022 no such stage is above");
            }
            case "RUN" -> checkRun(line);
            default -> {
                // The others have no rules here.
            }
        }
    }

    private void checkRun(Instruction line) {
        String command = line.arguments();
        Set<String> programs = new HashSet<>();
        COMMAND.matcher(command).results().forEach(match -> programs.add(match.group(1)));
        require(!programs.contains("cd"), line, "DL3003 WORKDIR changes folders");
        require(!programs.contains("sudo"), line, "DL3004 USER says who runs it");
        require(!command.matches(".*[^|]\\|[^|].*") || command.contains("pipefail"), line,
                "DL4006 a pipe hides what fails");
        Matcher install = INSTALL.matcher(command);
        if (install.find()) {
            require(install.group(1).matches(".*(-y|--yes) .*"), line, "DL3014 nobody is there to say yes");
            require(install.group(1).contains("--no-install-recommends"), line, "DL3015 it brings more than is needed");
            require(command.contains("rm -rf /var/lib/apt/lists/*"), line, "DL3009 the lists stay behind");
            require(install.group(2).strip().matches("(\\S+=\\S+\\s*)+"), line, "DL3008 no versions are named");
        }
    }

    private void checkImage(Stage stage) {
        List<Instruction> all = file.allInstructions(stage);
        String user = last(all, "USER");
        require(user.matches("[1-9]\\d*:[1-9]\\d*"), stage.line(), "DL3002 it ends as root, or as who knows whom");
        require(!last(all, "HEALTHCHECK").isEmpty(), stage.line(), "DL3057 nobody can tell whether it works");
        require(!last(all, "ENTRYPOINT").isEmpty(), stage.line(), "it does not say what it runs");
    }

    private static String last(List<Instruction> lines, String keyword) {
        return lines.reversed().stream().filter(line -> line.keyword().equals(keyword)).map(Instruction::arguments)
                .findFirst().orElse("");
    }

    private void require(boolean holds, Instruction line, String mistake) {
        require(holds || mistake.startsWith(line.ignored() + " "), line.line(), mistake);
    }

    private void require(boolean holds, int line, String mistake) {
        if (!holds) {
            mistakes.add("line " + line + ": " + mistake);
        }
    }
}
