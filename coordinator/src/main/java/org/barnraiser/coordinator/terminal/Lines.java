package org.barnraiser.coordinator.terminal;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;

/** Makes text fit to be printed. */
public final class Lines {
    private Lines() {}

    /** One line of at most so many characters; without what could steer a terminal, since text may come from anywhere. */
    public static String plain(String text, int maxLength) {
        return Ascii.truncate(text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Z}]+", " ").strip(), maxLength, "…");
    }

    /** Cuts between words, so that no line is wider unless a word is; at least one line. */
    public static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : Splitter.on(' ').split(text)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
