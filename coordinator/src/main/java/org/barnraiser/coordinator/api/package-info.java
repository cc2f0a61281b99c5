/** What readers and programs see of a coordinator over HTTP: the OpenAI API, health, metrics and the cluster's state. */
@NullMarked
package org.barnraiser.coordinator.api;

import org.jspecify.annotations.NullMarked;
