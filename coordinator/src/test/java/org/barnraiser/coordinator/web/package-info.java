@NullMarked
package org.barnraiser.coordinator.web;

import org.jspecify.annotations.NullMarked;
