/**
 * GGUF files: reading them without trusting them, naming what is in them, and cutting them into shards.
 *
 * <p>Nothing outside this package knows the format.
 */
@NullMarked
package org.barnraiser.coordinator.gguf;

import org.jspecify.annotations.NullMarked;
