/** The operator against a real control plane, with pods that are processes. */
@NullMarked
package org.barnraiser.operator.cluster;

import org.jspecify.annotations.NullMarked;
