/** The Kubernetes API: requests, and a watch that survives what happens to watches. Reads tolerate fields that nobody here knows. */
@NullMarked
package org.barnraiser.operator.kube;

import org.jspecify.annotations.NullMarked;
