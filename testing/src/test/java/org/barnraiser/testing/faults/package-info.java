@NullMarked
package org.barnraiser.testing.faults;

import org.jspecify.annotations.NullMarked;
