/** Dashboards and alerts against a real Prometheus. */
@NullMarked
package org.barnraiser.helm.monitoring;

import org.jspecify.annotations.NullMarked;
