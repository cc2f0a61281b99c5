package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.GgufException.Kind;
import org.barnraiser.proto.EngineAbi;

/** The architectures that can be split exactly. */
public final class Architectures {
    private static final Map<String, Architecture> SUPPORTED = Stream
            .of(new Llama(), Qwen.qwen2(), Qwen.qwen3(), Qwen.qwen3moe(),
                    new Gemma3(), new Phi3(), new DeepSeek2(), new GptOss(), Qwen.qwen2moe(), Granite.granite(),
                    Granite.graniteMoe(), Olmo.olmo2(), Olmo.olmoe(), Cohere.commandR(), Cohere.cohere2(),
                    Variant.mistral3(),
                    Variant.smollm3(), Variant.seedOss(), Mixture.glm4moe(), Mixture.dots1(), Mixture.ernie45moe(),
                    Mixture.hunyuanMoe(), Mixture.minimaxM2(), new Llama4())
            .collect(Collectors.toUnmodifiableMap(Architecture::name, Function.identity()));

    /** Architectures that people will ask about, and why they are not in the table. */
    private static final Map<String, String> REASONS = Map.of("gemma2",
            "llama.cpp scales its hidden states at the entrance of every stage and ends the process on an unknown number of layers",
            "gemma",
            "llama.cpp scales its hidden states at the entrance of every stage",
            "glm4", "llama.cpp ends the process when hidden states are fed into it");

    /** Kinds of tokenizers that llama.cpp builds without trusting more of the file than has been checked. */
    private static final Set<String> TOKENIZERS = Set.of("llama", "gpt2", Vocabulary.NO_VOCABULARY);
    private static final int MAX_EXPERTS_B4916 = 256;

    private Architectures() {}

    /** Refuses a model that cannot be split exactly on that engine, or whose tensors contradict its hyper-parameters. */
    public static void check(ModelFile model, EngineAbi abi) throws GgufException {
        Architecture architecture = of(model, abi);
        if (!TOKENIZERS.contains(model.vocabulary().model())) {
            throw new UnsupportedModelException(
                    "%s: its tokenizer is of the kind %s, but only %s are supported.".formatted(model,
                            model.vocabulary().model(), sorted(TOKENIZERS)));
        }
        Hyperparameters hyperparameters = Hyperparameters.of(model);
        Optional<String> refusal = architecture.refusal(model, hyperparameters, abi);
        if (refusal.isPresent()) {
            throw new UnsupportedModelException(
                    "%s: a model of the architecture %s cannot be hosted as this file gives it: %s."
                            .formatted(model, architecture.name(), refusal.get()));
        }
        checkEngine(model, hyperparameters, abi);
        TensorCheck tensors = new TensorCheck(model, hyperparameters);
        tensors.checkWhole(architecture);
        for (int layer = 0; layer < model.layerCount(); layer++) {
            tensors.checkLayer(layer, architecture.layerTensors(hyperparameters, layer));
        }
    }

    /**
     * The layer boundaries at which the model may be cut, ascending, 0 and the layer count included. Any two of them bound a shard that
     * computes what the same layers compute in the whole model.
     */
    public static ImmutableIntArray cutPoints(ModelFile model, EngineAbi abi) throws GgufException {
        Architecture architecture = of(model, abi);
        Hyperparameters hyperparameters = Hyperparameters.of(model);
        int layers = model.layerCount();
        int period = architecture.period(model, abi);
        for (int stride = period; stride < layers; stride += period) {
            int step = stride;
            int[] points = IntStream
                    .concat(IntStream.iterate(0, point -> point < layers, point -> point + step), IntStream.of(layers))
                    .toArray();
            if (allKeepMeaning(architecture, model, hyperparameters, abi, points)) {
                return ImmutableIntArray.copyOf(points);
            }
        }
        return ImmutableIntArray.of(0, layers);
    }

    /** The names of the supported architectures, sorted. */
    public static List<String> supported() {
        return sorted(SUPPORTED.keySet());
    }

    /** Empty for an architecture that is not supported. */
    static Optional<Architecture> named(String name) {
        return Optional.ofNullable(SUPPORTED.get(name));
    }

    static Architecture of(ModelFile model, EngineAbi abi) throws UnsupportedModelException {
        Architecture architecture = named(model.architecture()).orElseThrow(() -> unsupported(model));
        if (!architecture.engines().contains(abi)) {
            throw new UnsupportedModelException(
                    "%s: the architecture %s is unknown to the engine %s; give the workers one of %s by './barn engine install cpu' or --llama-lib."
                            .formatted(model, architecture.name(), abi, sorted(architecture.engines())));
        }
        return architecture;
    }

    private static UnsupportedModelException unsupported(ModelFile model) {
        String reason = REASONS.getOrDefault(model.architecture(),
                "it has not been shown to compute the same split as whole");
        return new UnsupportedModelException("%s: the architecture %s is not supported, because %s; supported are %s."
                .formatted(model, model.architecture(), reason, String.join(", ", supported())));
    }

    private static void checkEngine(ModelFile model, Hyperparameters hyperparameters, EngineAbi abi)
            throws UnsupportedModelException {
        if (abi != EngineAbi.ENGINE_ABI_B4916) {
            return;
        }
        if (hyperparameters.experts() > MAX_EXPERTS_B4916) {
            throw new UnsupportedModelException(
                    "%s: the engine %s takes at most %d experts, the model has %d; give the workers a newer one with --llama-lib."
                            .formatted(model, abi, MAX_EXPERTS_B4916, hyperparameters.experts()));
        }
        Optional<TensorInfo> tooNew = model.tensors().stream().filter(tensor -> tensor.type() == GgmlType.MXFP4)
                .findFirst();
        if (tooNew.isPresent()) {
            throw new UnsupportedModelException(
                    "%s: tensor %s is stored as %s, which the engine %s does not know; give the workers a newer one with --llama-lib."
                            .formatted(model, tooNew.get().name(), tooNew.get().type(), abi));
        }
    }

    private static boolean allKeepMeaning(Architecture architecture, ModelFile model, Hyperparameters hyperparameters,
            EngineAbi abi, int[] points) throws GgufException {
        int[] lengths = Arrays.stream(points)
                .flatMap(first -> Arrays.stream(points).filter(last -> last > first).map(last -> last - first))
                .distinct().toArray();
        for (int length : lengths) {
            if (!architecture.keepsMeaning(model, hyperparameters, abi, length)) {
                return false;
            }
        }
        return true;
    }

    private static List<String> sorted(Set<?> names) {
        return names.stream().map(Object::toString).sorted().toList();
    }

    /** Compares a model's tensors with what llama.cpp will demand. */
    private record TensorCheck(ModelFile model, Hyperparameters hyperparameters) {

        void checkWhole(Architecture architecture) throws GgufException {
            check("output_norm.weight", TensorRule.required("output_norm.weight", Dimension.EMBEDDING));
            check(ModelFile.TOKEN_EMBEDDING,
                    TensorRule.required(ModelFile.TOKEN_EMBEDDING, Dimension.EMBEDDING, Dimension.VOCABULARY));
            check("output.weight", TensorRule.optional("output.weight", Dimension.EMBEDDING, Dimension.VOCABULARY));
            List<TensorRule> shared = architecture.sharedTensors(model);
            for (TensorRule rule : shared) {
                check(rule.name(), rule);
            }
            Set<String> known = Stream
                    .concat(Stream.of("output_norm.weight", ModelFile.TOKEN_EMBEDDING, "output.weight"),
                            shared.stream().map(TensorRule::name))
                    .collect(Collectors.toSet());
            checkKnown(
                    model.tensors().stream().map(TensorInfo::name).filter(name -> LayerTensors.parse(name).isEmpty()),
                    known, "");
        }

        void checkLayer(int layer, List<TensorRule> rules) throws GgufException {
            for (TensorRule rule : rules) {
                check(LayerTensors.name(layer, rule.name()), rule);
            }
            checkKnown(LayerTensors.of(model, layer).keySet().stream(),
                    rules.stream().map(TensorRule::name).collect(Collectors.toSet()),
                    LayerTensors.name(layer, ""));
        }

        private void check(String name, TensorRule rule) throws GgufException {
            Optional<TensorInfo> tensor = model.tensor(name);
            if (tensor.isEmpty() && rule.required()) {
                throw bad(name, "is missing");
            }
            Optional<String> problem = tensor.flatMap(found -> rule.problemOf(found, hyperparameters));
            if (problem.isPresent()) {
                throw bad(name, problem.get());
            }
        }

        private void checkKnown(Stream<String> names, Set<String> known, String prefix) throws GgufException {
            Optional<String> unknown = names.filter(name -> !known.contains(name)).findFirst();
            if (unknown.isPresent()) {
                throw new UnsupportedModelException(
                        "%s: tensor %s%s is not one that a model of the architecture %s has here; the model is a variant that is not supported."
                                .formatted(model, prefix, unknown.get(), model.architecture()));
            }
        }

        private GgufException bad(String tensor, String problem) {
            return new GgufException(Kind.BAD_MODEL,
                    "%s: tensor %s %s; get the file anew.".formatted(model, tensor, problem));
        }
    }
}
