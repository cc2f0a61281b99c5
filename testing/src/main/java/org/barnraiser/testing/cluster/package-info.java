/** A whole Barnraiser of real processes on this machine, with verbs to use and to hurt it. */
@NullMarked
package org.barnraiser.testing.cluster;

import org.jspecify.annotations.NullMarked;
