/** Text of files that readers attach to a question. Files come from anywhere, so they are opened in a process of their own. */
@NullMarked
package org.barnraiser.coordinator.attach;

import org.jspecify.annotations.NullMarked;
