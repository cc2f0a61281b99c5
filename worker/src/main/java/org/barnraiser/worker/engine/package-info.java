/** Finds the llama.cpp builds of this machine, tries them in processes of their own, chooses among them, and installs others. */
@NullMarked
package org.barnraiser.worker.engine;

import org.jspecify.annotations.NullMarked;
