package org.barnraiser.coordinator.api.chat;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.api.jinja.Text;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.TextPart;

/**
 * Cuts the text of a prompt into parts so that nothing a reader wrote becomes a control token.
 *
 * <p>Text is tokenized best in one piece, as a model saw it in training. So a reader's text is set apart only where it must be:
 * where the vocabulary would read a control token in it. Only the tail knows, as llama.cpp adds to what the GGUF marks; it is asked
 * by tokenizing the doubtful text in both ways. Text is doubtful when it has more than words and common punctuation, or when it
 * completes brackets that the template opened.
 */
public final class PromptTokenizer {
    /** Every control token has a character that is none of these. */
    private static final Pattern DOUBTFUL = Pattern.compile("[^\\p{L}\\p{N}\\s.,;:!?'\"()-]");
    private static final Pattern BRACKETED = Pattern.compile("[<\\[][^<>\\[\\]\\s]{0,100}[>\\]]");

    private final HostedModel model;

    public PromptTokenizer(HostedModel model) {
        this.model = model;
    }

    /** The prompt, to be tokenized with the model's start token first if it wants one. May block on calls to the tail. */
    public List<TextPart> parts(Text prompt) throws ModelUnavailableException {
        List<String> doubtful = new ArrayList<>();
        BitSet apart = new BitSet();
        for (int from = 0; from < prompt.length(); from = prompt.endOfRun(from)) {
            String run = prompt.string().substring(from, prompt.endOfRun(from));
            if (prompt.isFromReader(from) && DOUBTFUL.matcher(run).find()) {
                doubtful.add(run);
                apart.set(from, prompt.endOfRun(from));
            }
        }
        Matcher brackets = BRACKETED.matcher(prompt.string());
        while (brackets.find()) {
            if (prompt.endOfRun(brackets.start()) < brackets.end()) {
                doubtful.add(brackets.group());
                apart.set(brackets.start(), brackets.end());
            }
        }
        if (doubtful.isEmpty() || !holdsControlTokens(String.join("\n", doubtful))) {
            return List.of(new TextPart(prompt.string(), true));
        }
        return parts(prompt, apart);
    }

    private boolean holdsControlTokens(String text) throws ModelUnavailableException {
        ImmutableIntArray special = model.tokenize(List.of(new TextPart(text, true)), false);
        return !special.equals(model.tokenize(List.of(new TextPart(text, false)), false));
    }

    /** The reader's text within {@code apart} by itself, and all that stands between together. */
    private static List<TextPart> parts(Text prompt, BitSet apart) {
        List<TextPart> parts = new ArrayList<>();
        int begin = 0;
        for (int from = 0; from < prompt.length(); from = prompt.endOfRun(from)) {
            int end = prompt.endOfRun(from);
            int marked = apart.nextSetBit(from);
            if (prompt.isFromReader(from) && marked >= 0 && marked < end) {
                addPart(prompt, begin, from, true, parts);
                addPart(prompt, from, end, false, parts);
                begin = end;
            }
        }
        addPart(prompt, begin, prompt.length(), true, parts);
        return parts;
    }

    private static void addPart(Text prompt, int from, int to, boolean parseSpecial, List<TextPart> parts) {
        if (from < to) {
            parts.add(new TextPart(prompt.string().substring(from, to), parseSpecial));
        }
    }
}
