/** The custom resource InferenceCluster, as the operator reads it: tolerant of what it does not know, strict about what it uses. */
@NullMarked
package org.barnraiser.operator.crd;

import org.jspecify.annotations.NullMarked;
