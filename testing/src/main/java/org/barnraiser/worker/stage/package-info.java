/** Micro-benchmarks of what a stage does beside llama.cpp's own computing. */
@org.jspecify.annotations.NullMarked
package org.barnraiser.worker.stage;
