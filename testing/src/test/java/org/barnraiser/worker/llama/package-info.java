/** What llama.cpp itself computes where the worker never asks it to. */
@org.jspecify.annotations.NullMarked
package org.barnraiser.worker.llama;
