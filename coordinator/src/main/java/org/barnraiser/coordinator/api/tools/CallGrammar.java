package org.barnraiser.coordinator.api.tools;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.reasoning.ThoughtMarks;
import org.barnraiser.coordinator.api.schema.Grammar;
import org.barnraiser.coordinator.api.schema.GrammarBuilder;
import org.barnraiser.coordinator.api.schema.Rule;
import org.barnraiser.coordinator.api.schema.UnsupportedSchemaException;

/** Grammars of answers that call tools, with arguments that satisfy the tools' schemas. */
public final class CallGrammar {
    private static final Rule SPACE = new Rule.Named("ws");
    /** One or more calls; a model that is not stopped may not know where to. */
    private static final int MOST_CALLS = 16;

    private final CallStyle style;
    private final ToolUse use;
    private final Optional<ThoughtMarks> thoughts;
    private final GrammarBuilder builder = new GrammarBuilder();

    private CallGrammar(CallStyle style, ToolUse use, Optional<ThoughtMarks> thoughts) {
        this.style = style;
        this.use = use;
        this.thoughts = thoughts;
    }

    /** A tool whose schema cannot be held to. */
    public static final class UnsupportedToolException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String param;

        UnsupportedToolException(String param, String message) {
            super(message);
            this.param = param;
        }

        /** How the request names the schema. */
        public String param() {
            return param;
        }
    }

    /**
     * The grammar, in GBNF, that the choice of a request asks for; none if any text will do.
     *
     * @param thoughts what may stand before the calls
     */
    public static Optional<String> of(CallStyle style, ToolUse use, Optional<ThoughtMarks> thoughts)
            throws UnsupportedToolException {
        return build(style, use, thoughts).map(Grammar::gbnf);
    }

    static Optional<Grammar> build(CallStyle style, ToolUse use, Optional<ThoughtMarks> thoughts)
            throws UnsupportedToolException {
        CallGrammar grammar = new CallGrammar(style, use, thoughts);
        return switch (use.choice()) {
            case ToolChoice.None _ -> Optional.empty();
            case ToolChoice.Auto _ when use.tools().isEmpty() || style.isBare() -> {
                grammar.checkStrict();
                yield Optional.empty();
            }
            case ToolChoice.Auto _ -> Optional.of(grammar.free(use.tools()));
            case ToolChoice.Required _ -> Optional.of(grammar.forced(use.tools(), use.parallel()));
            case ToolChoice.Named(String name) -> Optional.of(grammar
                    .forced(use.tools().stream().filter(tool -> tool.name().equals(name)).toList(), false));
        };
    }

    private Grammar forced(List<Tool> tools, boolean parallel) throws UnsupportedToolException {
        Rule calls = calls(tools, parallel);
        return grammar(thoughts.isEmpty()
                ? calls
                : Rule.sequence(Rule.optional(thought(thoughts.get())), calls));
    }

    /** A thought without the first character of its end, begun in the prompt or not. */
    private static Rule thought(ThoughtMarks marks) {
        return Rule.sequence(Rule.optional(Rule.literal(marks.begin())),
                Rule.any(Rule.noneOf(marks.end().substring(0, 1))), Rule.literal(marks.end()), SPACE);
    }

    /** Any text; but where it begins a call, the call must be right. */
    private Grammar free(List<Tool> tools) throws UnsupportedToolException {
        String opener = style.silent().isEmpty() ? style.openers().getFirst() : style.silent().getFirst();
        try {
            Rule text = builder.textUntil(opener, rest(tools, opener));
            return builder.grammar(text);
        } catch (UnsupportedSchemaException unsupported) {
            throw new UnsupportedToolException("tools", String.valueOf(unsupported.getMessage()));
        }
    }

    private Rule rest(List<Tool> tools, String opener) throws UnsupportedToolException {
        return without(opener, calls(tools, use.parallel()));
    }

    /** The rule without the text that it begins with. */
    private static Rule without(String beginning, Rule rule) {
        return switch (rule) {
            case Rule.Sequence(List<Rule> parts) -> {
                List<Rule> rest = new ArrayList<>(parts);
                rest.set(0, without(beginning, parts.getFirst()));
                yield new Rule.Sequence(rest);
            }
            case Rule.Choice(List<Rule> ways) ->
                Rule.choice(ways.stream().map(way -> without(beginning, way)).toList());
            case Rule.Literal(String text) when text.startsWith(beginning) ->
                Rule.literal(text.substring(beginning.length()));
            default -> throw new IllegalStateException("The calls of a style begin with its opener");
        };
    }

    private Grammar grammar(Rule root) throws UnsupportedToolException {
        try {
            return builder.grammar(root);
        } catch (UnsupportedSchemaException unsupported) {
            throw new UnsupportedToolException("tools", String.valueOf(unsupported.getMessage()));
        }
    }

    /** Refuses strict tools that could not be held to if they were called. */
    private void checkStrict() throws UnsupportedToolException {
        for (Tool tool : use.tools()) {
            if (tool.strict()) {
                arguments(tool);
            }
        }
    }

    private Rule calls(List<Tool> tools, boolean parallel) throws UnsupportedToolException {
        int more = parallel ? MOST_CALLS - 1 : 0;
        return switch (style) {
            case HERMES -> several(wrapped(tools, "<tool_call>\n", "arguments", "\n</tool_call>"),
                    Rule.literal("\n"), more);
            case LLAMA -> several(objects(tools, "parameters"), Rule.literal("; "), more);
            case GENERIC -> several(objects(tools, "arguments"), Rule.literal("\n"), more);
            case MISTRAL, GRANITE -> Rule.sequence(Rule.literal(style.openers().getFirst() + "["),
                    several(objects(tools, "arguments"), Rule.literal(", "), more), Rule.literal("]"));
            case MISTRAL_NAMED -> several(named(tools, "[TOOL_CALLS]", "[ARGS]", ""), Rule.literal(""), more);
            case FUNCTION -> several(named(tools, "<function=", ">", "</function>"), Rule.literal("\n"), more);
            case DEEPSEEK -> deepSeek(named(tools, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", "\n```json\n",
                    "\n```<｜tool▁call▁end｜>"), "\n", more);
            case DEEPSEEK_PLAIN -> deepSeek(
                    named(tools, "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"), "", more);
        };
    }

    private static Rule several(Rule call, Rule between, int more) {
        return more == 0
                ? Rule.sequence(call)
                : Rule.sequence(call, Rule.repeat(Rule.sequence(between, call), 0, more));
    }

    private static Rule deepSeek(Rule call, String between, int more) {
        return Rule.sequence(Rule.literal("<｜tool▁calls▁begin｜>"), several(call, Rule.literal(between), more),
                Rule.literal("<｜tool▁calls▁end｜>"));
    }

    private Rule wrapped(List<Tool> tools, String before, String field, String after) throws UnsupportedToolException {
        return Rule.sequence(Rule.literal(before), objects(tools, field), Rule.literal(after));
    }

    private Rule objects(List<Tool> tools, String field) throws UnsupportedToolException {
        List<Rule> ways = new ArrayList<>();
        for (Tool tool : tools) {
            ways.add(Rule.sequence(
                    Rule.literal("{\"name\": " + TextNode.valueOf(tool.name()) + ", \"" + field + "\": "),
                    arguments(tool), Rule.literal("}")));
        }
        return Rule.choice(ways);
    }

    private Rule named(List<Tool> tools, String before, String between, String after) throws UnsupportedToolException {
        List<Rule> ways = new ArrayList<>();
        for (Tool tool : tools) {
            ways.add(Rule.sequence(Rule.literal(before + tool.name() + between), arguments(tool), Rule.literal(after)));
        }
        return Rule.choice(ways);
    }

    private Rule arguments(Tool tool) throws UnsupportedToolException {
        try {
            return builder.objectSchema(tool.parameters(), tool.strict());
        } catch (UnsupportedSchemaException unsupported) {
            throw new UnsupportedToolException(tool.param(), "The parameters of the tool '" + tool.name()
                    + "' cannot be used: " + unsupported.getMessage());
        }
    }
}
