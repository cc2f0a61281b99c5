/** Compares Barnraiser with llama.cpp alone, in paired runs. */
@NullMarked
package org.barnraiser.testing.bench;

import org.jspecify.annotations.NullMarked;
