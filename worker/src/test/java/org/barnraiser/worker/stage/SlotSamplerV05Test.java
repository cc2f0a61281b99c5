package org.barnraiser.worker.stage;

import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;

/** The same with the newer ABI. */
class SlotSamplerV05Test extends SlotSamplerTest {
    @Override
    LlamaLibrary library() throws LlamaException {
        return TestModel.secondLibrary();
    }
}
