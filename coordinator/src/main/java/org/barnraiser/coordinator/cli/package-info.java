/** The command line: {@code up}, {@code coordinator}, {@code status}, {@code bench}. Composes all other packages by hand. */
@NullMarked
package org.barnraiser.coordinator.cli;

import org.jspecify.annotations.NullMarked;
