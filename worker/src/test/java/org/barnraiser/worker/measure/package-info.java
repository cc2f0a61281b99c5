@NullMarked
package org.barnraiser.worker.measure;

import org.jspecify.annotations.NullMarked;
