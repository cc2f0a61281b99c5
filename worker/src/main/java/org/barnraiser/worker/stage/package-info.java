/**
 * One stage of a pipeline without any network: applies a step's cache edits, computes its spans with llama.cpp, and at the
 * tail samples.
 */
@NullMarked
package org.barnraiser.worker.stage;

import org.jspecify.annotations.NullMarked;
