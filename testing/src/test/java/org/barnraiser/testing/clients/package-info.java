/** The programs that people come with, as their makers publish them, against one running Barnraiser. */
@NullMarked
package org.barnraiser.testing.clients;

import org.jspecify.annotations.NullMarked;
