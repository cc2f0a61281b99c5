package org.barnraiser.coordinator.api;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import org.barnraiser.coordinator.api.chat.ChatConversation;
import org.barnraiser.coordinator.api.chat.ChatTemplate;
import org.barnraiser.coordinator.api.chat.PromptTokenizer;
import org.barnraiser.coordinator.api.jinja.TemplateException;
import org.barnraiser.coordinator.api.jinja.Text;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.TextPart;
import org.jspecify.annotations.Nullable;

/** Turns conversations into prompts by the model's own chat template. */
final class ChatRenderer {
    private final PromptTokenizer tokenizer;
    private final @Nullable ChatTemplate template;
    private final String unreadable;

    /** A template that cannot be read leaves completions usable: only chats are refused, with the reason. */
    ChatRenderer(HostedModel model) {
        tokenizer = new PromptTokenizer(model);
        ChatTemplate readable = null;
        String reason = "";
        try {
            readable = ChatTemplate.of(model.description());
        } catch (TemplateException e) {
            reason = "This model cannot chat, because " + e.getMessage() + "; '/v1/completions' works all the same.";
        }
        template = readable;
        unreadable = reason;
    }

    /** Whether the template tells the model of tools. */
    boolean takesTools() {
        return template != null && template.takesTools();
    }

    /** The template's source; empty if it cannot be read. */
    String source() {
        return template == null ? "" : template.source();
    }

    /**
     * The prompt's text, in which a reader's words cannot become control tokens. May block on calls to the tail.
     *
     * @param begun what the assistant's answer begins with; may be empty
     */
    List<TextPart> render(ChatConversation conversation, String begun) throws ApiException, ModelUnavailableException {
        if (template == null) {
            throw ApiException.invalid("messages", unreadable);
        }
        try {
            Text prompt = template.render(conversation, ZonedDateTime.now(ZoneId.systemDefault()));
            return tokenizer.parts(prompt.plus(Text.fromReader(begun)));
        } catch (TemplateException.Raised e) {
            throw ApiException.invalid("messages",
                    "The model's chat template refuses this conversation: " + e.getMessage());
        } catch (TemplateException e) {
            throw ApiException.invalid("messages", "This conversation cannot be written for the model, because "
                    + e.getMessage() + ".");
        }
    }
}
