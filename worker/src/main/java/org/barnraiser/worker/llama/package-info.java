/**
 * Unmodified llama.cpp, called through the Foreign Function and Memory API.
 *
 * <p>Two layouts of llama.cpp's structs are known, {@link org.barnraiser.worker.llama.LlamaAbi}; which one a library has is found
 * by probing its defaults. Whatever llama.cpp answers with an assertion, and so with the end of the process, is checked before the
 * call; everything else that can fail is a {@link org.barnraiser.worker.llama.LlamaException}.
 *
 * <p>Prompt, answer and token text never reaches the log from here.
 */
@NullMarked
package org.barnraiser.worker.llama;

import org.jspecify.annotations.NullMarked;
