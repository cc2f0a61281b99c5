/** A real Kubernetes control plane, where its programs are there. */
@NullMarked
package org.barnraiser.testing.kube;

import org.jspecify.annotations.NullMarked;
