/** Images without an engine to build them. */
@NullMarked
package org.barnraiser.helm.images;

import org.jspecify.annotations.NullMarked;
