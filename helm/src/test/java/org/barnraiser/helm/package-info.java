/** Tests of what surrounds the programs: the chart, dashboards and alerts, images, and the pages that tell how to use them. */
@NullMarked
package org.barnraiser.helm;

import org.jspecify.annotations.NullMarked;
