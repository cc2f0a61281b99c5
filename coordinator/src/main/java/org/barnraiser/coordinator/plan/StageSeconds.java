package org.barnraiser.coordinator.plan;

/** What every legal stage takes for a step of some tokens, by cut point; constant time per question. */
final class StageSeconds {
    private final int lastCut;
    private final int tokens;
    /** Of all layers before each cut point. */
    private final double[] bytesBefore;
    private final double[] operationsBefore;
    private final Work work;

    StageSeconds(ModelNeeds needs, int tokens) {
        this.tokens = tokens;
        work = needs.work();
        lastCut = needs.cutPoints().length() - 1;
        bytesBefore = new double[lastCut + 1];
        operationsBefore = new double[lastCut + 1];
        for (int cut = 1; cut <= lastCut; cut++) {
            bytesBefore[cut] = bytesBefore[cut - 1];
            operationsBefore[cut] = operationsBefore[cut - 1];
            for (int layer = needs.cutPoints().get(cut - 1); layer < needs.cutPoints().get(cut); layer++) {
                bytesBefore[cut] += work.bytesRead(layer, tokens);
                operationsBefore[cut] += work.layerOperations().get(layer) * tokens;
            }
        }
    }

    /** Tokens in a step. */
    int tokens() {
        return tokens;
    }

    /** Of a stage that has so many of the pieces between two cut points, as they are on average. */
    double usual(Speed speed, int pieces, boolean tail) {
        double share = (double) pieces / lastCut;
        return speed.seconds(bytesBefore[lastCut] * share + (tail ? work.tailBytes() : 0),
                operationsBefore[lastCut] * share + (tail ? work.tailOperations() * tokens : 0));
    }

    double seconds(Speed speed, int fromCut, int toCut) {
        boolean tail = toCut == lastCut;
        double bytes = bytesBefore[toCut] - bytesBefore[fromCut] + (tail ? work.tailBytes() : 0);
        double operations = operationsBefore[toCut] - operationsBefore[fromCut]
                + (tail ? work.tailOperations() * tokens : 0);
        return speed.seconds(bytes, operations);
    }
}
