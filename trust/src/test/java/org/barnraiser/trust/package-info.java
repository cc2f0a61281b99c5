@NullMarked
package org.barnraiser.trust;

import org.jspecify.annotations.NullMarked;
