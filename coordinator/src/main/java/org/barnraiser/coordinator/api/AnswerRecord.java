package org.barnraiser.coordinator.api;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.receipt.MadeAnswer;
import org.barnraiser.coordinator.receipt.TextDigest;

/** Takes down of answers what a receipt tells of them, digests instead of words, while they go on to their reader. */
final class AnswerRecord implements AnswerSink {
    private final AnswerSink reader;
    private final List<Choice> choices;

    /** One choice: the parts that it has are hashed apart from each other. */
    private static final class Choice {
        private final TextDigest text = new TextDigest();
        private final TextDigest reasoning = new TextDigest();
        private final TextDigest calls = new TextDigest();
        private String finishReason = "";

        void add(AnswerPart part) {
            switch (part) {
                case AnswerPart.Text(String words) -> text.add(words);
                case AnswerPart.Reasoning(String words) -> reasoning.add(words);
                // Its id is made up anew each time.
                case AnswerPart.CallBegin begin -> calls.add("\0" + begin.name() + "\0");
                case AnswerPart.CallArguments(_, String fragment) -> calls.add(fragment);
            }
        }

        Map<String, String> digests() {
            Map<String, String> digests = new LinkedHashMap<>();
            digests.put("text", text.hex());
            if (!reasoning.isEmpty()) {
                digests.put("reasoning", reasoning.hex());
            }
            if (!calls.isEmpty()) {
                digests.put("tool_calls", calls.hex());
            }
            return digests;
        }
    }

    AnswerRecord(AnswerSink reader, int choices) {
        this.reader = reader;
        this.choices = Stream.generate(Choice::new).limit(choices).toList();
    }

    @Override
    public void delta(int choice, Delta delta) throws IOException {
        delta.parts().forEach(choices.get(choice)::add);
        reader.delta(choice, delta);
    }

    @Override
    public void finished(int choice, Finish finish) throws IOException {
        choices.get(choice).finishReason = finish.reason().jsonName();
        reader.finished(choice, finish);
    }

    @Override
    public void idle(Optional<String> pause) throws IOException {
        reader.idle(pause);
    }

    /**
     * All answers, once they are complete; to be called once.
     *
     * @param tokens of each choice
     */
    ImmutableList<MadeAnswer> answers(List<GenerationRequest> requests, List<Integer> tokens) {
        return IntStream.range(0, choices.size()).mapToObj(index -> new MadeAnswer(requests.get(index),
                tokens.get(index), choices.get(index).finishReason, choices.get(index).digests()))
                .collect(ImmutableList.toImmutableList());
    }
}
