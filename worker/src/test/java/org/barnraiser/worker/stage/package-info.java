@NullMarked
package org.barnraiser.worker.stage;

import org.jspecify.annotations.NullMarked;
