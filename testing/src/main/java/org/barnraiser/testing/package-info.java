/** What tests of the whole need: random models of every architecture, conformance, and clusters of real processes. */
@NullMarked
package org.barnraiser.testing;

import org.jspecify.annotations.NullMarked;
