package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.proto.TokenLogprob;

/** Answers of {@code /v1/completions}. */
final class CompletionFormat extends OpenAiFormat {

    /**
     * Which answers to each prompt are given.
     *
     * @param count so many
     * @param of so many were generated
     * @param withLogprobs whether their log-probabilities are shown
     */
    record Choosing(int count, int of, boolean withLogprobs) {}

    private final Choosing choosing;
    private final List<String> echoes;

    /** @param echoes what is put before each prompt's answers */
    CompletionFormat(ModelDescription model, GenerationSettings settings, Choosing choosing, List<String> echoes) {
        super("cmpl-", model, settings);
        this.choosing = choosing;
        this.echoes = echoes;
    }

    /** The likeliest by token, where more were generated than are wanted. */
    @Override
    List<FinishedChoice> chosen(List<FinishedChoice> answers) {
        if (choosing.of == choosing.count) {
            return answers;
        }
        List<FinishedChoice> best = new ArrayList<>();
        for (int from = 0; from < answers.size(); from += choosing.of) {
            answers.subList(from, from + choosing.of).stream()
                    .sorted(Comparator.comparingDouble(CompletionFormat::likelihood).reversed()).limit(choosing.count)
                    .forEach(best::add);
        }
        return best;
    }

    private static double likelihood(FinishedChoice answer) {
        return answer.scored().stream().mapToDouble(each -> TokenText.logprob(each.token().getLogprob())).average()
                .orElse(Double.NEGATIVE_INFINITY);
    }

    @Override
    String objectName(boolean chunk) {
        return "text_completion";
    }

    @Override
    void fillWhole(ObjectNode choice, FinishedChoice answer) {
        choice.put("text", echoes.get(choice.path("index").intValue() / choosing.count) + answer.text());
        putLogprobs(choice, choosing.withLogprobs ? answer.scored() : List.of());
    }

    @Override
    Optional<ObjectNode> first(int index) {
        String echo = echoes.get(index / choosing.count);
        if (echo.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode chunk = envelope(true);
        choice(chunk, index).put("text", echo).putNull("logprobs").putNull("finish_reason");
        return Optional.of(chunk);
    }

    @Override
    void fillDelta(ObjectNode choice, Delta delta) {
        choice.put("text", delta.text());
        putLogprobs(choice, delta.scored());
    }

    @Override
    void fillLast(ObjectNode choice) {
        choice.put("text", "");
    }

    private static void putLogprobs(ObjectNode choice, List<Delta.Scored> scored) {
        if (scored.isEmpty()) {
            choice.putNull("logprobs");
            return;
        }
        ObjectNode logprobs = choice.putObject("logprobs");
        ArrayNode tokens = logprobs.putArray("tokens");
        ArrayNode tokenLogprobs = logprobs.putArray("token_logprobs");
        ArrayNode topLogprobs = logprobs.putArray("top_logprobs");
        ArrayNode textOffsets = logprobs.putArray("text_offset");
        for (Delta.Scored each : scored) {
            tokens.add(TokenText.of(each.token().getPiece()));
            tokenLogprobs.add(TokenText.logprob(each.token().getLogprob()));
            ObjectNode top = topLogprobs.addObject();
            for (TokenLogprob likely : each.token().getTopList()) {
                top.put(TokenText.of(likely.getPiece()), TokenText.logprob(likely.getLogprob()));
            }
            textOffsets.add(each.textOffset());
        }
    }
}
