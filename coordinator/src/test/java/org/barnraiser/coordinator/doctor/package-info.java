@NullMarked
package org.barnraiser.coordinator.doctor;

import org.jspecify.annotations.NullMarked;
