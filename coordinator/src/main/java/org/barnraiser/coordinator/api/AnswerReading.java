package org.barnraiser.coordinator.api;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.api.answer.PartReader;
import org.barnraiser.coordinator.api.reasoning.ThoughtMarks;
import org.barnraiser.coordinator.api.reasoning.ThoughtReader;
import org.barnraiser.coordinator.api.tools.CallGrammar;
import org.barnraiser.coordinator.api.tools.CallReader;
import org.barnraiser.coordinator.api.tools.CallStyle;
import org.barnraiser.coordinator.api.tools.Tool;
import org.barnraiser.coordinator.api.tools.ToolChoice;
import org.barnraiser.coordinator.api.tools.ToolUse;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.proto.SamplingParameters;

/** How one answer of a chat is read: by the model's family, the tools that it may call, and how its prompt ends. */
final class AnswerReading {
    private static final String ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    /** As many as Mistral's templates insist on. */
    private static final int ID_LENGTH = 9;

    private final ToolUse tools;
    private final CallStyle style;
    private final ThoughtMarks marks;
    private final boolean anyText;
    private final GenerationSettings settings;
    private volatile boolean thinking;

    /** @param template the source of the model's chat template */
    AnswerReading(String template, ToolUse tools, GenerationSettings asked) throws ApiException {
        Optional<ThoughtMarks> known = ThoughtMarks.in(template);
        this.tools = tools;
        this.style = CallStyle.of(template);
        this.marks = known.orElse(ThoughtMarks.common());
        Optional<String> grammar = grammar(known);
        boolean free = asked.constraint() instanceof AnswerConstraint.Free;
        boolean mustCall = tools.choice() instanceof ToolChoice.Required || tools.choice() instanceof ToolChoice.Named;
        if (mustCall && !free) {
            throw ApiException.invalid("tool_choice",
                    "'tool_choice' cannot make the model call a tool when 'response_format' or 'grammar' gives its answer a form.");
        }
        this.anyText = free;
        SamplingParameters sampling = asked.sampling().toBuilder()
                .addAllShownControlTokens(free ? shown(known) : List.of()).build();
        this.settings = new GenerationSettings(asked.choices(), asked.maxTokens(), asked.stops(), sampling,
                free && grammar.isPresent() ? new AnswerConstraint.Grammar(grammar.get()) : asked.constraint(),
                asked.stream(), asked.includeUsage());
    }

    private Optional<String> grammar(Optional<ThoughtMarks> thoughts) throws ApiException {
        try {
            return CallGrammar.of(style, tools, thoughts);
        } catch (CallGrammar.UnsupportedToolException unsupported) {
            throw ApiException.invalid(unsupported.param(), String.valueOf(unsupported.getMessage()));
        }
    }

    /** The control tokens whose names tell the parts apart; markers that are made of several are given in pieces. */
    private List<String> shown(Optional<ThoughtMarks> known) {
        Stream<String> thoughts = known.stream().flatMap(each -> Stream.of(each.begin(), each.end()));
        Stream<String> calls = tools.shown().isEmpty() ? Stream.of() : style.markers().stream();
        Stream<String> separators = tools.shown().isEmpty() ? Stream.of() : Stream.of("[ARGS]", "<｜tool▁sep｜>");
        return Stream.of(thoughts, calls, separators).flatMap(each -> each)
                .flatMap(marker -> Stream.of(marker.split("(?<=\\|>)(?=<\\||[a-z])|(?<=[a-z])(?=<\\|)")))
                .distinct().toList();
    }

    /** As they were asked for, with what the tools and thoughts need. */
    GenerationSettings settings() {
        return settings;
    }

    /** Looks whether the prompt ends with the beginning of a thought. */
    void rendered(List<TextPart> prompt) {
        thinking = !prompt.isEmpty() && prompt.getLast().text().stripTrailing().endsWith(marks.begin());
    }

    /** A reader for one choice. An answer of a given form has neither thoughts nor calls. */
    PartReader reader() {
        if (!anyText) {
            return PartReader.plain();
        }
        Set<String> names = tools.shown().stream().map(Tool::name).collect(Collectors.toSet());
        PartReader calls = names.isEmpty()
                ? PartReader.plain()
                : new CallReader(style, names, AnswerReading::newId);
        return new ThoughtReader(marks, thinking, names.isEmpty() ? List.of() : style.openers(), calls);
    }

    private static String newId() {
        return ThreadLocalRandom.current().ints(ID_LENGTH, 0, ID_CHARACTERS.length())
                .mapToObj(i -> String.valueOf(ID_CHARACTERS.charAt(i))).collect(Collectors.joining());
    }
}
