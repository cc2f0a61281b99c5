/** The worker: one machine's part of a hosted model. */
@NullMarked
package org.barnraiser.worker;

import org.jspecify.annotations.NullMarked;
