@NullMarked
package org.barnraiser.worker.lend;

import org.jspecify.annotations.NullMarked;
