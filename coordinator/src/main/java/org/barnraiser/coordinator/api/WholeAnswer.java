package org.barnraiser.coordinator.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Keeps answers until all are complete. */
final class WholeAnswer implements AnswerSink {
    private final StringBuilder[] texts;
    private final List<List<Delta.Scored>> scored = new ArrayList<>();
    private final FinishReason[] reasons;

    WholeAnswer(int choices) {
        this.texts = Stream.generate(StringBuilder::new).limit(choices).toArray(StringBuilder[]::new);
        this.reasons = new FinishReason[choices];
        Stream.generate(ArrayList<Delta.Scored>::new).limit(choices).forEach(scored::add);
    }

    @Override
    public void delta(int choice, Delta delta) {
        texts[choice].append(delta.text());
        scored.get(choice).addAll(delta.scored());
    }

    @Override
    public void finished(int choice, FinishReason reason) {
        reasons[choice] = reason;
    }

    /** Nothing can be sent before the status is known. */
    @Override
    public void idle(Optional<String> pause) {}

    /** The answers in order, once all are complete. */
    List<FinishedChoice> choices() {
        List<FinishedChoice> choices = new ArrayList<>(texts.length);
        for (int i = 0; i < texts.length; i++) {
            choices.add(new FinishedChoice(texts[i].toString(), scored.get(i), reasons[i]));
        }
        return choices;
    }
}
