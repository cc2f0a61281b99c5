package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;
import org.barnraiser.coordinator.api.answer.PartReader;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.TextPart;

/** Reads requests to {@code /v1/completions}. */
final class CompletionRequestReader implements AnswerRequest.Reader {
    private static final int MAX_ANSWERS = 64;
    private static final int MAX_BEST_OF = 16;

    private final FillInTheMiddle middle;

    CompletionRequestReader(HostedModel model) {
        this.middle = new FillInTheMiddle(model);
    }

    @Override
    public AnswerRequest read(Fields fields, ModelDescription model) throws ApiException {
        List<PromptSource> prompts = prompts(fields, model);
        OptionalInt logprobs = fields.integer("logprobs", 0, SettingsReader.MAX_TOP_LOGPROBS);
        GenerationSettings asked = SettingsReader.read(fields, model, logprobs);
        int bestOf = fields.integer("best_of", asked.choices(), MAX_BEST_OF).orElse(asked.choices());
        if (bestOf > asked.choices() && asked.stream()) {
            throw fields.refused("best_of", "cannot be more than 'n' in a stream, as the best are known at the end");
        }
        if (prompts.size() * bestOf > MAX_ANSWERS) {
            throw fields.refused("prompt", "and 'n' or 'best_of' ask for more than " + MAX_ANSWERS + " answers");
        }
        GenerationSettings settings = new GenerationSettings(prompts.size() * bestOf, asked.maxTokens(), asked.stops(),
                bestOf > asked.choices() ? asked.sampling().toBuilder().setLogprobs(true).build() : asked.sampling(),
                asked.constraint(), asked.stream(), asked.includeUsage());
        CompletionFormat format = new CompletionFormat(model, settings,
                new CompletionFormat.Choosing(asked.choices(), bestOf, logprobs.isPresent()),
                echoes(fields, prompts, logprobs.isPresent()));
        return new AnswerRequest("prompt", prompt(fields, prompts), settings, PartReader::plain, format);
    }

    private AnswerRequest.Prompt prompt(Fields fields, List<PromptSource> prompts) throws ApiException {
        Optional<String> suffix = fields.string("suffix").filter(text -> !text.isEmpty());
        if (suffix.isEmpty()) {
            return new Prompts(prompts);
        }
        String before = prompts.size() == 1 ? text(prompts.getFirst()).orElse(null) : null;
        if (before == null) {
            throw fields.refused("suffix", "needs a 'prompt' that is one string");
        }
        return () -> middle.prompt(before, suffix.get());
    }

    private record Prompts(List<PromptSource> sources) implements AnswerRequest.Prompt {
        @Override
        public List<TextPart> parts() {
            return List.of();
        }

        @Override
        public List<PromptSource> all() {
            return sources;
        }
    }

    /** What is put before each prompt's answers; nothing unless it was asked for. */
    private static List<String> echoes(Fields fields, List<PromptSource> prompts, boolean logprobs)
            throws ApiException {
        List<String> echoes = new ArrayList<>();
        boolean echo = fields.flag("echo");
        if (echo && logprobs) {
            throw fields.refused("echo", "cannot be used with 'logprobs', as those of the prompt are not computed");
        }
        for (PromptSource prompt : prompts) {
            Optional<String> text = text(prompt);
            if (echo && text.isEmpty()) {
                throw fields.refused("echo", "needs a 'prompt' of text, not of tokens");
            }
            echoes.add(echo ? text.orElse("") : "");
        }
        return echoes;
    }

    private static Optional<String> text(PromptSource prompt) {
        return prompt instanceof PromptSource.Parts(List<TextPart> parts)
                ? Optional.of(parts.getFirst().text())
                : Optional.empty();
    }

    private static List<PromptSource> prompts(Fields fields, ModelDescription model) throws ApiException {
        JsonNode prompt = fields.node("prompt").orElseThrow(() -> fields.refused("prompt", "is needed: a string"));
        boolean tokens = prompt.isArray() && !prompt.isEmpty() && prompt.get(0).isNumber();
        if (!prompt.isArray() || tokens) {
            return List.of(source(fields, prompt, model));
        }
        if (prompt.isEmpty() || prompt.size() > MAX_ANSWERS) {
            throw fields.refused("prompt", "must hold 1 to " + MAX_ANSWERS + " texts, or lists of tokens");
        }
        List<PromptSource> sources = new ArrayList<>();
        for (JsonNode each : prompt) {
            sources.add(source(fields, each, model));
        }
        return sources;
    }

    private static PromptSource source(Fields fields, JsonNode prompt, ModelDescription model) throws ApiException {
        if (prompt.isTextual()) {
            return new PromptSource.Parts(List.of(new TextPart(prompt.textValue(), true)));
        }
        boolean usable = prompt.isArray() && StreamSupport.stream(prompt.spliterator(), false)
                .allMatch(token -> token.isIntegralNumber() && token.canConvertToInt() && token.intValue() >= 0
                        && token.intValue() < model.vocabularySize());
        if (!usable) {
            throw fields.refused("prompt", "must be a string, a list of strings, a list of tokens from 0 to "
                    + (model.vocabularySize() - 1) + ", or a list of such lists");
        }
        return new PromptSource.Tokens(ImmutableIntArray.copyOf(
                StreamSupport.stream(prompt.spliterator(), false).mapToInt(JsonNode::intValue)));
    }
}
