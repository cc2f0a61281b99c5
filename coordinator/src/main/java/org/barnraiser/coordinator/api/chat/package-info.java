/** From the messages of a chat to the tokens of a prompt, through the model's own chat template. */
@NullMarked
package org.barnraiser.coordinator.api.chat;

import org.jspecify.annotations.NullMarked;
