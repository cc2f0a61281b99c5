/** Other programs' forms for the questions and answers of a chat: each is made to, and made from, what OpenAI's chat says. */
@NullMarked
package org.barnraiser.coordinator.api.dialect;

import org.jspecify.annotations.NullMarked;
