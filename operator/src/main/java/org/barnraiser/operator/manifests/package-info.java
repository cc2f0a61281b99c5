/** From an InferenceCluster to Kubernetes' objects: pure functions, without a client. */
@NullMarked
package org.barnraiser.operator.manifests;

import org.jspecify.annotations.NullMarked;
