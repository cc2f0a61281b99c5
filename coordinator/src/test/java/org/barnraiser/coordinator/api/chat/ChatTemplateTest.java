package org.barnraiser.coordinator.api.chat;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.chat.ChatMessage.ToolCall;
import org.barnraiser.coordinator.api.jinja.TemplateException;
import org.barnraiser.coordinator.model.ModelDescription;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ChatTemplateTest {
    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 11, 5, 9, 7, 3, 0, ZoneOffset.UTC);

    @Test
    void a_model_without_a_template_gets_chatml() {
        assertThat(render(null, ChatMessage.of("system", "Be brief."), ChatMessage.of("user", "Hi")))
                .isEqualTo("""
                           <|im_start|>system
                           Be brief.<|im_end|>
                           <|im_start|>user
                           Hi<|im_end|>
                           <|im_start|>assistant
                           """);
    }

    @Test
    void the_models_own_start_and_end_tokens_are_in_reach() {
        assertThat(render("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", ChatMessage.of("user", "Hi")))
                .isEqualTo("<s>Hi</s>");
    }

    @Test
    void a_developer_speaks_as_the_system_to_templates_that_know_no_developer() {
        assertThat(render("{{ messages[0].role }}", ChatMessage.of("developer", "Hi"))).isEqualTo("system");
        assertThat(render("{{ messages[0].role }}{# developer #}", ChatMessage.of("developer", "Hi")))
                .isEqualTo("developer");
    }

    @Test
    void a_template_may_refuse_a_conversation_in_its_own_words() {
        assertThatThrownBy(() -> render("{{ raise_exception('Roles must alternate') }}", ChatMessage.of("user", "Hi")))
                .isInstanceOf(TemplateException.Raised.class).hasMessageContaining("Roles must alternate");
    }

    @Test
    void arguments_of_a_call_come_as_a_dictionary_or_as_text_whichever_the_template_takes() {
        ChatMessage call = new ChatMessage("assistant", Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), List.of(new ToolCall("1", "weather", "{\"city\": \"Ulm\"}")));
        String name = "{{ messages[0].tool_calls[0].function.arguments.city }}";
        String text = "{{ 'call ' + messages[0].tool_calls[0].function.arguments }}";
        assertThat(render(name, call)).isEqualTo("Ulm");
        assertThat(render(text, call)).isEqualTo("call {\"city\": \"Ulm\"}");
    }

    @Test
    void a_template_that_cannot_be_read_is_refused_with_its_line() {
        assertThatThrownBy(() -> render("{% if %}", ChatMessage.of("user", "Hi"))).isInstanceOf(TemplateException.class)
                .hasMessageContaining("line 1");
    }

    private static String render(@org.jspecify.annotations.Nullable String template, ChatMessage... messages) {
        ModelDescription model = new ModelDescription("m", "0".repeat(64), "llama", 128, 10, 0,
                Optional.ofNullable(template), "<s>", "</s>");
        return ChatTemplate.of(model).render(new ChatConversation(List.of(messages)), NOW).string();
    }
}
