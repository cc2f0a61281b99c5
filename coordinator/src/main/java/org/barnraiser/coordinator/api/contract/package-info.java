/** What the HTTP API takes, described once: requests are refused by it, and the OpenAPI document and the docs are made of it. */
@NullMarked
package org.barnraiser.coordinator.api.contract;

import org.jspecify.annotations.NullMarked;
