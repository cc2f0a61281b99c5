package org.barnraiser.helm.pages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The commands that a page tells its readers to type. */
final class ShellPage {
    private static final Pattern BLOCK = Pattern.compile("(?s)```sh\\n(.*?)```");
    private static final Pattern WORD = Pattern.compile("(?:'[^']*'|[^\\s'])+");

    private ShellPage() {}

    /** Each line as words, quotes taken off. */
    static List<List<String>> commands(Path page) throws IOException {
        return BLOCK.matcher(Files.readString(page)).results().flatMap(block -> block.group(1).lines())
                .filter(line -> !line.isBlank())
                .map(line -> WORD.matcher(line).results().map(MatchResult::group).map(word -> word.replace("'", ""))
                        .toList())
                .toList();
    }
}
