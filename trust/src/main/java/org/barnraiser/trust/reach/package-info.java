/**
 * How members are reached that take no connections from outside: they keep lines to relays, come when they are called, and whoever carries
 * the bytes sees sealed ones alone. Calls above know nothing of it.
 */
@NullMarked
package org.barnraiser.trust.reach;

import org.jspecify.annotations.NullMarked;
