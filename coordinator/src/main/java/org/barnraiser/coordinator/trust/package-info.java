/** The coordinator's side of who belongs to the cluster: its authority, invitations, admission and removal of members. */
@NullMarked
package org.barnraiser.coordinator.trust;

import org.jspecify.annotations.NullMarked;
