package org.barnraiser.coordinator.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.coordinator.api.answer.AnswerPart;

/** Keeps answers until all are complete. */
final class WholeAnswer implements AnswerSink {
    private final List<List<AnswerPart>> parts;
    private final List<List<Delta.Scored>> scored;
    private final Finish[] finishes;

    WholeAnswer(int choices) {
        this.parts = Stream.generate(() -> (List<AnswerPart>) new ArrayList<AnswerPart>()).limit(choices).toList();
        this.scored = Stream.generate(() -> (List<Delta.Scored>) new ArrayList<Delta.Scored>()).limit(choices).toList();
        this.finishes = new Finish[choices];
    }

    @Override
    public void delta(int choice, Delta delta) {
        parts.get(choice).addAll(delta.parts());
        scored.get(choice).addAll(delta.scored());
    }

    @Override
    public void finished(int choice, Finish finish) {
        finishes[choice] = finish;
    }

    /** Nothing can be sent before the status is known. */
    @Override
    public void idle(Optional<String> pause) {}

    /** The answers in order, once all are complete. */
    List<FinishedChoice> choices() {
        return IntStream.range(0, finishes.length)
                .mapToObj(i -> new FinishedChoice(parts.get(i), scored.get(i), finishes[i])).toList();
    }
}
