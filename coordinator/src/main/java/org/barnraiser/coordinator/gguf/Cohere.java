package org.barnraiser.coordinator.gguf;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;

/** Command R and R7B, Aya: attention and feed-forward network side by side. */
final class Cohere extends Architecture {
    private static final int WINDOW_PERIOD = 4;
    /** From so many layers on llama.cpp expects the norms of Command R+. */
    private static final int LAYERS_OF_R_PLUS = 64;

    private final boolean window;

    private Cohere(String name, boolean window) {
        super(name, EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
        this.window = window;
    }

    static Cohere commandR() {
        return new Cohere("command-r", false);
    }

    /** Every fourth layer sees all tokens and has no positions, the others a sliding window. */
    static Cohere cohere2() {
        return new Cohere("cohere2", true);
    }

    @Override
    List<TensorRule> layerTensors(Hyperparameters hyperparameters, int layer) {
        return ImmutableList.<TensorRule>builder().addAll(attention()).addAll(feedForward()).build();
    }

    @Override
    Optional<String> refusal(ModelFile model, Hyperparameters hyperparameters, EngineAbi engine) throws GgufException {
        if (model.metadata().findReal(model.key("attention.layer_norm_epsilon")).isEmpty()) {
            return Optional.of("attention.layer_norm_epsilon is missing");
        }
        if (!window && hyperparameters.layers() >= LAYERS_OF_R_PLUS) {
            return Optional.of("llama.cpp knows Command R+ by its number of layers, which a shard does not have");
        }
        return hyperparameters.keyLength() == hyperparameters.valueLength()
                ? Optional.empty()
                : Optional.of("keys and values of a head must be equally long");
    }

    @Override
    int period(ModelFile model, EngineAbi engine) throws GgufException {
        return window ? given(model, "attention.sliding_window_pattern", WINDOW_PERIOD) : 1;
    }
}
