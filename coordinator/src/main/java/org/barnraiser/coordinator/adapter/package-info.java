/** Adapters (LoRA) that this host has for its models. */
@org.jspecify.annotations.NullMarked
package org.barnraiser.coordinator.adapter;
