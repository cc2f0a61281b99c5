/** Receipts: what an answer was made with, in a form that can be kept, checked and run again, without a word of it. */
@NullMarked
package org.barnraiser.coordinator.receipt;

import org.jspecify.annotations.NullMarked;
