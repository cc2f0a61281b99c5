/**
 * Proves for every supported architecture that a model cut into stages computes what the whole model computes, to the
 * last bit.
 */
@NullMarked
package org.barnraiser.testing.conformance;

import org.jspecify.annotations.NullMarked;
