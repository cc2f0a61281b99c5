/** What coordinators say of a cluster, asked over HTTP. */
@NullMarked
package org.barnraiser.operator.watch;

import org.jspecify.annotations.NullMarked;
