package org.barnraiser.coordinator.gguf;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.barnraiser.coordinator.hash.Sha256;
import org.jspecify.annotations.Nullable;

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * Hashes a model's tensors while the bytes of its files go by, one file after the other and each in order, so that none of them need be
 * kept. For one thread.
 */
public final class PassingTensors {
    private final ModelFile model;
    private final Map<String, String> hashes = new TreeMap<>();
    private Deque<TensorInfo> waiting = new ArrayDeque<>();
    private int fileIndex = -1;
    /** Of the tensor that is going by; null between two. */
    private @Nullable Sha256 passing;

    /** @param model its headers; its weights are not read */
    public PassingTensors(ModelFile model) {
        this.model = model;
    }

    /** These went by before, by name. */
    public void know(Map<String, String> known) {
        hashes.putAll(known);
    }

    /** What has gone by so far: the sha256 of each tensor by name. */
    public Map<String, String> known() {
        return Collections.unmodifiableMap(hashes);
    }

    /**
     * The next bytes of a file.
     *
     * @return the last position among them, or before them, at which no tensor was half way
     */
    public long accept(int index, long position, byte[] bytes) {
        if (index != fileIndex) {
            fileIndex = index;
            waiting = new ArrayDeque<>(model.tensors().stream()
                    .filter(tensor -> tensor.fileIndex() == index && !hashes.containsKey(tensor.name()))
                    .sorted(Comparator.comparingLong(TensorInfo::offsetBytes)).collect(toImmutableList()));
        }
        long end = position + bytes.length;
        for (TensorInfo tensor = waiting.peek(); tensor != null
                && tensor.offsetBytes() < end; tensor = waiting.peek()) {
            long from = Math.max(position, tensor.offsetBytes());
            long last = tensor.offsetBytes() + tensor.lengthBytes();
            Sha256 hash = passing == null ? new Sha256() : passing;
            hash.update(bytes, (int) (from - position), (int) (Math.min(end, last) - from));
            if (last > end) {
                passing = hash;
                return tensor.offsetBytes();
            }
            hashes.put(tensor.name(), hash.hex());
            passing = null;
            waiting.remove();
        }
        return end;
    }

    /** What has gone by, which must be all. */
    public Manifest manifest() {
        return Manifest.of(model, hashes);
    }
}
