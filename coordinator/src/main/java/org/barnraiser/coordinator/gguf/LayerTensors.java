package org.barnraiser.coordinator.gguf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of tensors that belong to a layer: {@code blk.<layer>.<rest>}. */
final class LayerTensors {
    private static final Pattern NAME = Pattern.compile("blk\\.(0|[1-9][0-9]{0,8})\\.(.+)");

    /** @param suffix what follows the layer */
    record Name(int layer, String suffix) {}

    private LayerTensors() {}

    /** Empty for tensors of the whole model. */
    static Optional<Name> parse(String tensorName) {
        Matcher matcher = NAME.matcher(tensorName);
        return matcher.matches()
                ? Optional.of(new Name(Integer.parseInt(matcher.group(1)), matcher.group(2)))
                : Optional.empty();
    }

    static String name(int layer, String suffix) {
        return "blk." + layer + "." + suffix;
    }

    /** The tensors of one layer by suffix, in file order. */
    static Map<String, TensorInfo> of(ModelFile model, int layer) {
        Map<String, TensorInfo> bySuffix = new LinkedHashMap<>();
        String prefix = "blk." + layer + ".";
        for (TensorInfo tensor : model.tensors()) {
            if (tensor.name().startsWith(prefix)) {
                bySuffix.put(tensor.name().substring(prefix.length()), tensor);
            }
        }
        return bySuffix;
    }
}
