/** The chart, rendered and checked. */
@NullMarked
package org.barnraiser.helm.chart;

import org.jspecify.annotations.NullMarked;
