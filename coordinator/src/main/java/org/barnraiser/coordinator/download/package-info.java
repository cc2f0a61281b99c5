/** Brings large files here over HTTP: in parallel ranges, resumed after any interruption, checked before they count. */
@NullMarked
package org.barnraiser.coordinator.download;

import org.jspecify.annotations.NullMarked;
