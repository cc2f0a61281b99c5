package org.barnraiser.coordinator.plan;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** Memory of every legal stage, by cut point; constant time per question. */
final class StageSizes {
    private final ImmutableIntArray cutPoints;
    /** Bytes of all layers before each cut point, without what head and tail add. */
    private final long[] bytesBefore;
    private final long headBytes;
    private final long tailBytes;
    private final long everyStageBytes;

    StageSizes(ModelNeeds needs) {
        cutPoints = needs.cutPoints();
        headBytes = needs.headBytes();
        tailBytes = needs.tailBytes();
        everyStageBytes = needs.everyStageBytes();
        bytesBefore = new long[cutPoints.length()];
        for (int cut = 1; cut <= lastCut(); cut++) {
            bytesBefore[cut] = bytesBefore[cut - 1];
            for (int layer = cutPoints.get(cut - 1); layer < cutPoints.get(cut); layer++) {
                bytesBefore[cut] += needs.layerBytes().get(layer)
                        + needs.cacheBytesPerToken().get(layer) * needs.cacheTokens();
            }
        }
    }

    /** Index of the cut point after the last layer. */
    int lastCut() {
        return cutPoints.length() - 1;
    }

    /** The layer at which a cut point lies. */
    int layer(int cut) {
        return cutPoints.get(cut);
    }

    /** Memory of the stage between two cut points; 0 for none. */
    long bytes(int fromCut, int toCut) {
        if (fromCut == toCut) {
            return 0;
        }
        return everyStageBytes + bytesBefore[toCut] - bytesBefore[fromCut] + (fromCut == 0 ? headBytes : 0)
                + (toCut == lastCut() ? tailBytes : 0);
    }

    /** What a stage takes beside its layers. */
    long extraBytes(boolean head, boolean tail) {
        return everyStageBytes + (head ? headBytes : 0) + (tail ? tailBytes : 0);
    }

    /** Memory of the stage of these layers, which lie between legal cut points. */
    long bytes(Layers layers) {
        return bytes(cutPoints.indexOf(layers.first()), cutPoints.indexOf(layers.last()));
    }

    /** Whether layer ranges make up the whole model, in order, and are cut where it may be cut. */
    boolean isWhole(List<Layers> ranges) {
        int next = 0;
        for (Layers layers : ranges) {
            if (layers.first() != next || layers.last() <= next || !cutPoints.contains(layers.last())) {
                return false;
            }
            next = layers.last();
        }
        return next == cutPoints.get(lastCut());
    }

    long wholeModelBytes() {
        return bytes(0, lastCut());
    }
}
