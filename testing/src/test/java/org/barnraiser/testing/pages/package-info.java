/** The pages in a real browser, against a real cluster. */
@NullMarked
package org.barnraiser.testing.pages;

import org.jspecify.annotations.NullMarked;
