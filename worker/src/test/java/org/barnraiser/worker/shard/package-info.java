@NullMarked
package org.barnraiser.worker.shard;

import org.jspecify.annotations.NullMarked;
