package org.barnraiser.testing.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.TokenEmbedding;
import org.barnraiser.testing.SecondLibrary;
import org.barnraiser.testing.models.Family;
import org.barnraiser.testing.models.ModelSize;
import org.barnraiser.testing.models.RandomModel;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.ModelLoadException;
import org.barnraiser.worker.llama.ModelOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows in llama.cpp itself why some models are refused, so that a refusal that has lost its reason is noticed. */
class RefusalReasonsTest {

    private static final int ABORTED = 134;

    @TempDir
    private Path folder;

    @Test
    void gemma2_with_a_shards_layer_count_ends_the_process_on_b4916() throws Exception {
        Path whole = write(Family.GEMMA2, 26);
        Path shard = write(Family.GEMMA2, 14);

        assertThat(load(whole).exitCode()).isZero();
        assertThat(load(shard).exitCode()).isEqualTo(ABORTED);
    }
}
