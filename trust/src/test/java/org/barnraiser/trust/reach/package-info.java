@NullMarked
package org.barnraiser.trust.reach;

import org.jspecify.annotations.NullMarked;
