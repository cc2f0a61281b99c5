/** The operator's program: what it is told, and what it tells. */
@NullMarked
package org.barnraiser.operator;

import org.jspecify.annotations.NullMarked;
