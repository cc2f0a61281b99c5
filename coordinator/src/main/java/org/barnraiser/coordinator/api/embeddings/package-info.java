/** What texts mean, as requests ask for it and answers say it. */
@org.jspecify.annotations.NullMarked
package org.barnraiser.coordinator.api.embeddings;
