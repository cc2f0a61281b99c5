@NullMarked
package org.barnraiser.worker.engine;

import org.jspecify.annotations.NullMarked;
