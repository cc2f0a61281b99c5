/** How many workers there are to be: pure functions of what is wanted, what was, and what is asked for. */
@NullMarked
package org.barnraiser.operator.scale;

import org.jspecify.annotations.NullMarked;
