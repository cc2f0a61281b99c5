@NullMarked
package org.barnraiser.coordinator.account;

import org.jspecify.annotations.NullMarked;
