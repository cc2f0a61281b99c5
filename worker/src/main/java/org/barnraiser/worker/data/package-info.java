/** Where this machine's workers keep what outlives them. */
@NullMarked
package org.barnraiser.worker.data;

import org.jspecify.annotations.NullMarked;
