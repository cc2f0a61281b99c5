package org.barnraiser.coordinator.gguf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.barnraiser.coordinator.gguf.GgufException.Kind;
import org.barnraiser.coordinator.hash.Sha256;

/**
 * An adapter (LoRA) in a GGUF, mapped. For each weight {@code W} that it changes it has two small matrices, {@code W.lora_a} and
 * {@code W.lora_b}. The file has been checked against itself; {@link #checkFits} checks it against a model. Thread-safe until closed.
 */
public final class AdapterFile implements MappedFiles, AutoCloseable {
    private static final String TYPE_KEY = "adapter.type";
    private static final String ALPHA_KEY = "adapter.lora.alpha";
    /** What llama.cpp multiplies with everywhere, whatever the rank. */
    private static final Set<GgmlType> TYPES = Set.of(GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0);
    private static final int MAX_RANK = 4096;

    private final Arena arena;
    private final GgufFile file;
    private final String architecture;
    private final float alpha;
    private final Map<String, Pair> pairs;
    private final Map<String, String> hashes = new TreeMap<>();
    private final String digest;

    /** The two matrices of one weight; their product is added to it. */
    record Pair(TensorInfo a, TensorInfo b) {}

    private AdapterFile(Arena arena, GgufFile file) throws GgufException {
        this.arena = arena;
        this.file = file;
        Metadata metadata = file.metadata();
        if (!metadata.findText("general.type").orElse("").equals("adapter")
                || !metadata.findText(TYPE_KEY).orElse("").equals("lora")) {
            throw bad("this is no LoRA adapter: general.type must be adapter, and adapter.type lora");
        }
        if (metadata.values().keySet().stream().anyMatch(key -> key.startsWith("adapter.alora."))) {
            throw bad("it is to be switched on by certain tokens (aLoRA), which is not supported");
        }
        architecture = metadata.text(ModelFile.ARCHITECTURE_KEY);
        double stated = metadata.findReal(ALPHA_KEY).orElse(0);
        if (!(Math.abs(stated) <= 1e6)) {
            throw bad(ALPHA_KEY + " is no usable number");
        }
        alpha = (float) stated;
        pairs = pairs();
        for (Pair pair : pairs.values()) {
            for (TensorInfo tensor : List.of(pair.a(), pair.b())) {
                hashes.put(tensor.name(),
                        Sha256.of(bytes(0, tensor.offsetBytes(), tensor.lengthBytes())));
            }
        }
        digest = Sha256.of(manifest());
    }

    /**
     * Opens an adapter and hashes its tensors.
     *
     * @throws GgufException when the file is missing, damaged, hostile, or no LoRA adapter
     */
    public static AdapterFile open(Path path) throws GgufException {
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            AdapterFile adapter = new AdapterFile(arena, GgufFile.open(path, 0, arena));
            opened = true;
            return adapter;
        } catch (InternalError e) {
            throw new GgufException(Kind.UNREADABLE,
                    "%s: the file changed while it was read; try again when it is complete.".formatted(path), e);
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    private Map<String, Pair> pairs() throws GgufException {
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        file.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        Map<String, Pair> found = new TreeMap<>();
        for (TensorInfo tensor : file.tensors()) {
            if (!TYPES.contains(tensor.type())) {
                throw badTensor(tensor.name(), "is of type %s, but only %s are read".formatted(tensor.type(),
                        TYPES.stream().sorted().toList()));
            }
            if (tensor.name().endsWith(".lora_a")) {
                String weight = tensor.name().substring(0, tensor.name().length() - ".lora_a".length());
                TensorInfo other = tensors.get(weight + ".lora_b");
                if (other == null) {
                    throw badTensor(tensor.name(), "has no counterpart " + weight + ".lora_b");
                }
                found.put(weight, new Pair(tensor, other));
            } else if (!tensor.name().endsWith(".lora_b")
                    || !tensors.containsKey(tensor.name().replaceFirst("b$", "a"))) {
                throw badTensor(tensor.name(), "is no half of a pair of lora_a and lora_b");
            }
        }
        if (found.isEmpty()) {
            throw bad("it changes nothing: it has no tensors");
        }
        return found;
    }

    /** sha256 of what is in it, 64 lower-case hex digits; its identity. */
    public String digest() {
        return digest;
    }

    /** Bytes of all its tensors. */
    public long weightBytes() {
        return file.tensors().stream().mapToLong(TensorInfo::lengthBytes).sum();
    }

    /** The sha256 and the place of every tensor. */
    public List<Manifest.Entry> tensors() {
        return pairs.values().stream().flatMap(pair -> List.of(pair.a(), pair.b()).stream()).map(this::entry).toList();
    }

    @Override
    public MemorySegment bytes(int fileIndex, long offsetBytes, long lengthBytes) {
        return file.map().asSlice(offsetBytes, lengthBytes);
    }

    /** @throws GgufException that names the first tensor which does not fit the model, and both shapes */
    public void checkFits(ModelFile model) throws GgufException {
        if (!architecture.equals(model.architecture())) {
            throw bad("it is for models of the architecture %s, but %s is of %s".formatted(architecture, model,
                    model.architecture()));
        }
        for (Map.Entry<String, Pair> each : pairs.entrySet()) {
            checkFits(each.getKey(), each.getValue(), model);
        }
    }

    private void checkFits(String weight, Pair pair, ModelFile model) throws GgufException {
        int layer = LayerTensors.parse(weight).map(LayerTensors.Name::layer).orElse(-1);
        if (layer < 0) {
            throw badTensor(pair.a().name(),
                    "changes a weight outside of the layers, which is not supported; train the adapter on the layers alone");
        }
        TensorInfo base = model.tensor(weight).filter(_ -> layer < model.layerCount()).orElseThrow(
                () -> badTensor(pair.a().name(), "changes " + weight + ", which " + model + " does not have"));
        if (base.shape().length() < 2 || base.shape().length() > 3) {
            throw badTensor(pair.a().name(), "changes " + weight + ", which is no matrix");
        }
        long rank = pair.a().dimension(1);
        require(pair.a(), rank >= 1 && rank <= MAX_RANK && pair.a().columns() == base.columns()
                && isLike(pair.a(), base), base, rank);
        require(pair.b(), pair.b().columns() == rank && pair.b().dimension(1) == base.dimension(1)
                && isLike(pair.b(), base), base, rank);
    }

    /** Experts have a pair of matrices each. */
    private static boolean isLike(TensorInfo half, TensorInfo base) {
        return half.shape().length() <= Math.max(2, base.shape().length()) && half.dimension(2) == base.dimension(2);
    }

    private void require(TensorInfo half, boolean fits, TensorInfo base, long rank) throws GgufException {
        if (!fits) {
            throw badTensor(half.name(), "has the shape %s at rank %d, which does not fit %s of the shape %s"
                    .formatted(half.shape(), rank, base.name(), base.shape()));
        }
    }

    float alpha() {
        return alpha;
    }

    String architecture() {
        return architecture;
    }

    Map<String, Pair> byWeight() {
        return pairs;
    }

    Manifest.Entry entry(TensorInfo tensor) {
        return new Manifest.Entry(tensor.name(), tensor.type(), tensor.shape(),
                hashes.getOrDefault(tensor.name(), ""), tensor.lengthBytes(), 0, tensor.offsetBytes());
    }

    private String manifest() {
        StringBuilder text = new StringBuilder("barnraiser-adapter 1\n").append("architecture ").append(architecture)
                .append("\nalpha ").append(Float.floatToIntBits(alpha)).append('\n');
        tensors().forEach(tensor -> text.append(String.join(" ", "tensor", tensor.type().name(),
                tensor.shape().toString(), tensor.sha256(), tensor.name())).append('\n'));
        return text.toString();
    }

    @Override
    public void close() {
        arena.close();
    }

    @Override
    public String toString() {
        return file.path().getFileName().toString();
    }

    private GgufException bad(String problem) {
        return new GgufException(Kind.BAD_MODEL, "%s: %s.".formatted(this, problem));
    }

    private GgufException badTensor(String tensor, String problem) {
        return new GgufException(Kind.BAD_TENSOR, "%s: tensor %s %s.".formatted(this, tensor, problem));
    }
}
