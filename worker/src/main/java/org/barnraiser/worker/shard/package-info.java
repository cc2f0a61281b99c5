/**
 * The worker's store of shards: assembles them from literals and pieces, verifies every byte, and keeps what was loaded
 * last within a quota.
 */
@NullMarked
package org.barnraiser.worker.shard;

import org.jspecify.annotations.NullMarked;
