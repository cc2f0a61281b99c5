/** The form of OpenAI's {@code /v1/responses}, without any memory from one response to the next. */
@NullMarked
package org.barnraiser.coordinator.api.responses;

import org.jspecify.annotations.NullMarked;
