package org.barnraiser.coordinator.api.reasoning;

import java.util.List;
import java.util.stream.Stream;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.api.answer.MarkerSearch;
import org.barnraiser.coordinator.api.answer.PartList;
import org.barnraiser.coordinator.api.answer.PartReader;

/** Tells thoughts, with which an answer may begin, from the rest of it, which another reader reads. */
public final class ThoughtReader implements PartReader {
    private enum State {
        START, THINKING, ENDED, ANSWER
    }

    private final ThoughtMarks marks;
    private final List<String> callOpeners;
    private final List<String> markersOfThoughts;
    private final PartReader rest;
    private final MarkerSearch search = new MarkerSearch();
    private final PartList parts = new PartList();
    private final StringBuilder space = new StringBuilder();
    private State state;
    private boolean thought;

    /**
     * @param begun whether the prompt ends with the beginning of a thought
     * @param callOpeners end a thought too
     */
    public ThoughtReader(ThoughtMarks marks, boolean begun, List<String> callOpeners, PartReader rest) {
        this.marks = marks;
        this.callOpeners = callOpeners;
        markersOfThoughts = Stream.concat(Stream.of(marks.begin(), marks.end()), callOpeners.stream()).toList();
        this.rest = rest;
        this.state = begun ? State.THINKING : State.START;
    }

    @Override
    public List<AnswerPart> push(String text) {
        text.chars().forEach(c -> take((char) c));
        return parts.take();
    }

    @Override
    public List<AnswerPart> finish() {
        String held = search.rest();
        if (state == State.THINKING) {
            held.chars().forEach(c -> thought((char) c));
        } else {
            answer((state == State.START ? space.toString() : "") + held);
        }
        rest.finish().forEach(parts::add);
        return parts.take();
    }

    private void take(char c) {
        if (state == State.ANSWER) {
            answer(String.valueOf(c));
            return;
        }
        List<String> markers = switch (state) {
            case START -> List.of(marks.begin());
            case THINKING -> markersOfThoughts;
            case ENDED, ANSWER -> List.of();
        };
        String again = search.take(c, markers, new MarkerSearch.Listener() {
            @Override
            public void marker(String marker) {
                found(marker);
            }

            @Override
            public void plain(char plain) {
                ThoughtReader.this.plain(plain);
            }
        });
        again.chars().forEach(next -> take((char) next));
    }

    private void found(String marker) {
        space.setLength(0);
        if (marker.equals(marks.end())) {
            state = State.ENDED;
        } else if (callOpeners.contains(marker)) {
            state = State.ANSWER;
            answer(marker);
        } else {
            state = State.THINKING;
        }
    }

    private void plain(char c) {
        switch (state) {
            case START -> {
                space.append(c);
                if (!Character.isWhitespace(c)) {
                    state = State.ANSWER;
                    answer(space.toString());
                    space.setLength(0);
                }
            }
            case THINKING -> thought(c);
            case ENDED -> {
                if (!Character.isWhitespace(c)) {
                    state = State.ANSWER;
                    answer(String.valueOf(c));
                }
            }
            case ANSWER -> answer(String.valueOf(c));
        }
    }

    /** Space is shown between words, not around them all. */
    private void thought(char c) {
        if (Character.isWhitespace(c)) {
            space.append(c);
            return;
        }
        parts.add(new AnswerPart.Reasoning((thought ? space.toString() : "") + c));
        space.setLength(0);
        thought = true;
    }

    private void answer(String text) {
        rest.push(text).forEach(parts::add);
    }
}
