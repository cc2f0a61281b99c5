package org.barnraiser.coordinator.api.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.barnraiser.coordinator.api.jinja.Budget;
import org.barnraiser.coordinator.api.jinja.Template;
import org.barnraiser.coordinator.api.jinja.TemplateException;
import org.barnraiser.coordinator.api.jinja.Text;
import org.barnraiser.coordinator.api.jinja.Value;
import org.barnraiser.coordinator.model.ModelDescription;

/** A model's chat template: turns a conversation into the text of a prompt. Any number of threads may use it. */
public final class ChatTemplate {
    /** For models that bring no template; the form that most of them have seen. */
    private static final String CHATML = """
                                         {% for message in messages %}
                                         {{ '<|im_start|>' + message.role + '\\n' + (message.content or '') + '<|im_end|>\\n' -}}
                                         {% endfor %}
                                         {{ '<|im_start|>assistant\\n' }}""";
    /** A long chat with many tools takes some hundred thousand steps; a second of work is a million and more. */
    private static final long MAX_STEPS = 1_000_000;
    private static final long MAX_CHARACTERS = 64L << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String source;
    private final Template template;
    private final String beginToken;
    private final String endToken;

    private ChatTemplate(String source, String beginToken, String endToken) {
        this.source = source;
        this.template = Template.parse(source);
        this.beginToken = beginToken;
        this.endToken = endToken;
    }

    /**
     * The model's template, or ChatML if it has none.
     *
     * @throws TemplateException when the template cannot be read
     */
    public static ChatTemplate of(ModelDescription model) {
        return new ChatTemplate(model.chatTemplate().orElse(CHATML), model.beginToken(), model.endToken());
    }

    /** As it was written. */
    public String source() {
        return source;
    }

    /** Whether the template has a place for descriptions of tools. */
    public boolean takesTools() {
        return source.contains("tools");
    }

    /**
     * The prompt, which ends where the assistant's answer begins.
     *
     * @param now what the template may tell the model of date and time
     * @throws TemplateException.Raised when the template refuses the conversation
     * @throws TemplateException when the template fails
     */
    public Text render(ChatConversation conversation, ZonedDateTime now) {
        try {
            return render(conversation, now, true);
        } catch (TemplateException.Raised | TemplateException.OverBudget failure) {
            throw failure;
        } catch (TemplateException failure) {
            if (conversation.messages().stream().allMatch(message -> message.toolCalls().isEmpty())) {
                throw failure;
            }
            // Some templates want the arguments of a tool call as a dictionary, and some as a string of JSON.
            return render(conversation, now, false);
        }
    }

    private Text render(ChatConversation conversation, ZonedDateTime now, boolean parsedArguments) {
        Map<String, Value> variables = new HashMap<>();
        conversation.templateVariables().forEach((name, value) -> variables.put(name, ReaderValues.of(value)));
        variables.put("messages", Value.sequence(
                conversation.messages().stream().map(message -> message(message, parsedArguments)).toList()));
        variables.put("tools", conversation.tools().isEmpty()
                ? Value.None.VALUE
                : Value.sequence(conversation.tools().stream().map(ReaderValues::of).toList()));
        variables.put("add_generation_prompt", Value.of(true));
        variables.put("bos_token", Text.trusted(beginToken));
        variables.put("eos_token", Text.trusted(endToken));
        return template.render(variables, new Budget(MAX_STEPS, MAX_CHARACTERS), now);
    }

    private Value message(ChatMessage message, boolean parsedArguments) {
        Map<String, Value> entries = new LinkedHashMap<>();
        entries.put("role", Text.trusted(role(message.role())));
        entries.put("content", message.content().<Value>map(Text::fromReader).orElse(Value.None.VALUE));
        message.reasoning().ifPresent(reasoning -> entries.put("reasoning_content", Text.fromReader(reasoning)));
        message.name().ifPresent(name -> entries.put("name", Text.fromReader(name)));
        message.toolCallId().ifPresent(id -> entries.put("tool_call_id", Text.fromReader(id)));
        if (!message.toolCalls().isEmpty()) {
            entries.put("tool_calls", Value
                    .sequence(message.toolCalls().stream().map(call -> toolCall(call, parsedArguments)).toList()));
        }
        return Value.mapping(entries);
    }

    /** Few templates know the developer; to the others it is the system that speaks. */
    private String role(String role) {
        return role.equals("developer") && !source.contains("developer") ? "system" : role;
    }

    /** In the order in which OpenAI writes a call, as templates may write the whole of it as JSON. */
    private static Value toolCall(ChatMessage.ToolCall call, boolean parsedArguments) {
        Map<String, Value> function = new LinkedHashMap<>();
        function.put("name", Text.fromReader(call.name()));
        function.put("arguments", parsedArguments ? parsed(call.arguments()) : Text.fromReader(call.arguments()));
        Map<String, Value> entries = new LinkedHashMap<>();
        entries.put("id", Text.fromReader(call.id()));
        entries.put("type", Text.trusted("function"));
        entries.put("function", Value.mapping(function));
        return Value.mapping(entries);
    }

    private static Value parsed(String arguments) {
        try {
            JsonNode node = JSON.readTree(arguments);
            return node.isObject() ? ReaderValues.of(node) : Text.fromReader(arguments);
        } catch (JsonProcessingException _) {
            return Text.fromReader(arguments);
        }
    }

}
