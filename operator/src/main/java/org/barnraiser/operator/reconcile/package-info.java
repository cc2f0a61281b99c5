/** The controller: sees what is there, decides, and brings it nearer to what is wanted, one step at a time. */
@NullMarked
package org.barnraiser.operator.reconcile;

import org.jspecify.annotations.NullMarked;
