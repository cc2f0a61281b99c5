/** Tools: what a model may call, how its family writes calls, and grammars that make it call. */
@NullMarked
package org.barnraiser.coordinator.api.tools;

import org.jspecify.annotations.NullMarked;
