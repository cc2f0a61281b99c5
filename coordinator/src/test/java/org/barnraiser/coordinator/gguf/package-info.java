@NullMarked
package org.barnraiser.coordinator.gguf;

import org.jspecify.annotations.NullMarked;
