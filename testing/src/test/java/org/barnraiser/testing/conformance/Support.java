package org.barnraiser.testing.conformance;

import java.util.EnumSet;
import java.util.Set;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.testing.models.Family;

import static org.barnraiser.testing.models.Family.*;

/**
 * Which families each library is to run in stages. Everything else is to be refused. docs/architectures.md says the
 * same to people.
 */
final class Support {

    private static final Set<Family> B4916 = EnumSet.of(LLAMA, LLAMA_TIED, LLAMA_ROPE_FACTORS, MIXTRAL, QWEN2,
            QWEN2_MOE,
            GEMMA3, PHI3, DEEPSEEK2, OLMO2, OLMOE, GRANITE, GRANITE_MOE, COHERE2, COMMAND_R);

    private static final Set<Family> V0_5 = EnumSet.complementOf(EnumSet.of(GEMMA2, GLM4));

    private Support() {}

    static boolean isExpected(Family family, EngineAbi abi) {
        return (abi == EngineAbi.ENGINE_ABI_B4916 ? B4916 : V0_5).contains(family);
    }
}
