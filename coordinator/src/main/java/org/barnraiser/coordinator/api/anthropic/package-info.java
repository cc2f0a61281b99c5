/** The form of Anthropic's {@code /v1/messages}. */
@NullMarked
package org.barnraiser.coordinator.api.anthropic;

import org.jspecify.annotations.NullMarked;
