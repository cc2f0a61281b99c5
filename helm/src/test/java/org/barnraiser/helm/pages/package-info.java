/** Pages whose commands are run. */
@NullMarked
package org.barnraiser.helm.pages;

import org.jspecify.annotations.NullMarked;
