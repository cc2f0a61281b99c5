@NullMarked
package org.barnraiser.worker.node;

import org.jspecify.annotations.NullMarked;
