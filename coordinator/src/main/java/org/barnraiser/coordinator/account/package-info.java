/** Members: their keys, what they may do and use, what they used, and what machines gave. */
@NullMarked
package org.barnraiser.coordinator.account;

import org.jspecify.annotations.NullMarked;
