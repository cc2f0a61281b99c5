@NullMarked
package org.barnraiser.trust.manners;

import org.jspecify.annotations.NullMarked;
