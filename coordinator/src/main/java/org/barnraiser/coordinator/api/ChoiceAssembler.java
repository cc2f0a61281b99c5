package org.barnraiser.coordinator.api;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.proto.SampledToken;

/** Makes one answer's text from its tokens: whole characters only, and nothing of a stop string. */
final class ChoiceAssembler {
    private final Utf8Assembler characters = new Utf8Assembler();
    private final StopMatcher stops;
    private final boolean logprobs;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private int assembledChars;
    private int shownChars;
    private int tokens;

    ChoiceAssembler(GenerationSettings settings) {
        this.stops = new StopMatcher(settings.stops());
        this.logprobs = settings.sampling().getLogprobs();
    }

    /** Takes the next token; what becomes showable with it may be nothing yet. */
    Delta accept(SampledToken token) {
        tokens++;
        int start = assembledChars;
        String text = characters.push(token.getPiece().toByteArray());
        assembledChars += text.length();
        if (logprobs) {
            waiting.add(new Waiting(token, start, assembledChars));
        }
        return show(stops.push(text));
    }

    /** No more tokens come: what was held back may be shown after all. */
    Delta finish() {
        String rest = stops.push(characters.finish());
        return show(stops.matched() ? rest : rest + stops.finish());
    }

    /** Whether the answer ended with a stop string. */
    boolean stopped() {
        return stops.matched();
    }

    /** Tokens so far, those of a stop string included. */
    int tokens() {
        return tokens;
    }

    private Delta show(String text) {
        shownChars += text.length();
        List<Delta.Scored> scored = new ArrayList<>();
        while (!waiting.isEmpty() && isShown(waiting.element())) {
            Waiting shown = waiting.remove();
            scored.add(new Delta.Scored(shown.token(), shown.start()));
        }
        return new Delta(text, scored);
    }

    /** With a stop string found, a token counts as shown if any of its text is; before that, only if all of it is. */
    private boolean isShown(Waiting token) {
        return stops.matched() ? token.start() < shownChars : token.end() <= shownChars;
    }

    /** A token whose text, from start to end, may be held back. */
    private record Waiting(SampledToken token, int start, int end) {}
}
