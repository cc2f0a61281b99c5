package org.barnraiser.coordinator.api;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.api.answer.PartReader;
import org.barnraiser.proto.SampledToken;

/** Makes one answer's parts from its tokens: whole characters only, and nothing of a stop string. */
final class ChoiceAssembler {
    private final Utf8Assembler characters = new Utf8Assembler();
    private final StopMatcher stops;
    private final PartReader reader;
    private final boolean logprobs;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private int assembledChars;
    private int shownChars;
    private int tokens;
    private int reasoningTokens;
    private boolean called;

    ChoiceAssembler(GenerationSettings settings, PartReader reader) {
        this.stops = new StopMatcher(settings.stops());
        this.reader = reader;
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
        String shown = stops.push(text);
        List<AnswerPart> parts = new ArrayList<>(reader.push(shown));
        if (stops.matched()) {
            parts.addAll(reader.finish());
        }
        return show(shown, parts);
    }

    /** No more tokens come: what was held back may be shown after all. */
    Delta finish() {
        if (stops.matched()) {
            return new Delta(List.of(), List.of());
        }
        String rest = stops.push(characters.finish());
        rest = stops.matched() ? rest : rest + stops.finish();
        List<AnswerPart> parts = new ArrayList<>(reader.push(rest));
        parts.addAll(reader.finish());
        return show(rest, parts);
    }

    /** Whether the answer ended with a stop string. */
    boolean stopped() {
        return stops.matched();
    }

    /** Which one. */
    Optional<String> stop() {
        return stops.found();
    }

    /** Whether a tool was called. */
    boolean called() {
        return called;
    }

    /** Tokens so far, those of a stop string included. */
    int tokens() {
        return tokens;
    }

    /** Those of them with which the model thought. */
    int reasoningTokens() {
        return reasoningTokens;
    }

    private Delta show(String text, List<AnswerPart> parts) {
        shownChars += text.length();
        called |= parts.stream().anyMatch(AnswerPart.CallBegin.class::isInstance);
        reasoningTokens += parts.stream().anyMatch(AnswerPart.Reasoning.class::isInstance) ? 1 : 0;
        List<Delta.Scored> scored = new ArrayList<>();
        while (!waiting.isEmpty() && isShown(waiting.element())) {
            Waiting shown = waiting.remove();
            scored.add(new Delta.Scored(shown.token(), shown.start()));
        }
        return new Delta(parts, scored);
    }

    /** With a stop string found, a token counts as shown if any of its text is; before that, only if all of it is. */
    private boolean isShown(Waiting token) {
        return stops.matched() ? token.start() < shownChars : token.end() <= shownChars;
    }

    /** A token whose text, from start to end, may be held back. */
    private record Waiting(SampledToken token, int start, int end) {}
}
