/** Tests of the model generator. */
@NullMarked
package org.barnraiser.testing.models;

import org.jspecify.annotations.NullMarked;
