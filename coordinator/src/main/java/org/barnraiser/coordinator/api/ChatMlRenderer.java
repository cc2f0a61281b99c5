package org.barnraiser.coordinator.api;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.model.TextPart;

/** Writes conversations as ChatML. */
final class ChatMlRenderer implements PromptRenderer {

    @Override
    public List<TextPart> render(ChatPrompt prompt) {
        List<TextPart> parts = new ArrayList<>();
        for (ChatPrompt.Message message : prompt.messages()) {
            parts.add(new TextPart("<|im_start|>" + message.role() + "\n", true));
            parts.add(new TextPart(message.content(), false));
            parts.add(new TextPart("<|im_end|>\n", true));
        }
        parts.add(new TextPart("<|im_start|>assistant\n", true));
        return parts;
    }
}
