@NullMarked
package org.barnraiser.worker.llama;

import org.jspecify.annotations.NullMarked;
