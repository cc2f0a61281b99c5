/**
 * Who belongs to a cluster, and how its members reach each other: certificates of the cluster's own authority, mutual TLS, invitations,
 * rotation and revocation. Used by coordinator and worker alike.
 */
@NullMarked
package org.barnraiser.trust;

import org.jspecify.annotations.NullMarked;
