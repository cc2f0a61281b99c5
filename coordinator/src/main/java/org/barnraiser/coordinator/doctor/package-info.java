/** {@code barn doctor}: looks at this machine and the cluster from outside, and says what is wrong and what to do. */
@NullMarked
package org.barnraiser.coordinator.doctor;

import org.jspecify.annotations.NullMarked;
