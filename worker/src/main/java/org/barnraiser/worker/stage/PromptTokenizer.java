package org.barnraiser.worker.stage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.barnraiser.proto.TokenizeRequest.Part;
import org.barnraiser.worker.llama.TokenizationException;
import org.barnraiser.worker.llama.Vocabulary;

/**
 * Turns a prompt into tokens so that nothing a reader wrote becomes a control token.
 *
 * <p>Parts are joined before they are tokenized, as the template's author saw them, because tokens cross the seams and some
 * tokenizers put a space before every text. That is safe unless a reader's text names control tokens, alone or together
 * with its neighbours; only then every part is tokenized by itself.
 */
public final class PromptTokenizer {
    private final Vocabulary vocabulary;

    public PromptTokenizer(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /**
     * @param addStart put the model's start token first if the model wants one and the text does not begin with it
     */
    public int[] tokenize(List<Part> parts, boolean addStart) throws TokenizationException {
        IntStream tokens = joinedIsSafe(parts)
                ? Arrays.stream(vocabulary.tokenize(join(parts), false, true))
                : apart(parts).stream().flatMapToInt(Arrays::stream);
        int[] all = tokens.toArray();
        OptionalInt start = vocabulary.beginToken();
        boolean add = addStart && vocabulary.addsBeginToken() && start.isPresent()
                && (all.length == 0 || all[0] != start.getAsInt());
        return add ? IntStream.concat(IntStream.of(start.getAsInt()), Arrays.stream(all)).toArray() : all;
    }

    private boolean joinedIsSafe(List<Part> parts) throws TokenizationException {
        var expected = new ArrayList<Integer>();
        for (Part part : parts) {
            int[] withControl = vocabulary.tokenize(part.getText(), false, true);
            if (part.getParseSpecial()) {
                controlTokens(withControl).forEach(expected::add);
            } else if (!Arrays.equals(withControl, vocabulary.tokenize(part.getText(), false, false))) {
                return false;
            }
        }
        int[] joined = vocabulary.tokenize(join(parts), false, true);
        return controlTokens(joined).boxed().toList().equals(expected);
    }

    private IntStream controlTokens(int[] tokens) {
        return Arrays.stream(tokens).filter(vocabulary::isControl);
    }

    private List<int[]> apart(List<Part> parts) throws TokenizationException {
        var tokens = new ArrayList<int[]>();
        for (Part part : parts) {
            tokens.add(vocabulary.tokenize(part.getText(), false, part.getParseSpecial()));
        }
        return tokens;
    }

    private static String join(List<Part> parts) {
        return String.join("", parts.stream().map(Part::getText).toList());
    }
}
