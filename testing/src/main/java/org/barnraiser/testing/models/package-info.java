/** Random models: tiny but real GGUF files of every architecture that Barnraiser runs, made from a seed. */
@NullMarked
package org.barnraiser.testing.models;

import org.jspecify.annotations.NullMarked;
