package org.barnraiser.worker.stage;

import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;

/** The same with the newer ABI. */
class StageEngineV05Test extends StageEngineTest {
    @Override
    LlamaLibrary library() throws LlamaException {
        return TestModel.secondLibrary();
    }
}
