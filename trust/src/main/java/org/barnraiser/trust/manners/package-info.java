/** How programs of the cluster behave on a line that they share with others: what is not urgent leaves room for what is. */
@NullMarked
package org.barnraiser.trust.manners;

import org.jspecify.annotations.NullMarked;
