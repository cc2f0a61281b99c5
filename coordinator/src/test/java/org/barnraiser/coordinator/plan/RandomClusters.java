package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Clusters as they might stand in a town: old computers beside graphics cards, good cables and bad ones. */
final class RandomClusters {
    private static final double[] BANDWIDTHS = {15e9, 25e9, 40e9, 60e9, 100e9, 200e9, 400e9, 900e9};

    private RandomClusters() {}

    /** Layers of one size, as in most models. */
    static ModelNeeds model(Random random, int layers) {
        long layerBytes = 10_000_000L * (1 + random.nextInt(60));
        long ends = layerBytes * (1 + random.nextInt(3));
        ImmutableLongArray layer = each(layers, layerBytes);
        return new ModelNeeds(layer, ends, ends, 1_000_000, each(layers, layerBytes / 40_000), 4096, cuts(layers, 1));
    }

    /** Layers of different sizes, and not to be cut everywhere. */
    static ModelNeeds unevenModel(Random random, int layers) {
        ImmutableLongArray layer = ImmutableLongArray
                .copyOf(LongStream.generate(() -> 10_000_000L + random.nextInt(50_000_000)).limit(layers));
        return new ModelNeeds(layer, 80_000_000, 90_000_000, 1_000_000, each(layers, 1000), 4096,
                cuts(layers, 1 + random.nextInt(2)));
    }

    /** Machines that together lend between a little too little and four times what the model takes. */
    static ImmutableList<MachineOffer> machines(Random random, int count, ModelNeeds needs) {
        double plenty = 0.9 + 3 * random.nextDouble();
        double average = needs.stageBytes(0, needs.layerCount()) * plenty / count / 0.9;
        ImmutableList.Builder<MachineOffer> machines = ImmutableList.builder();
        for (int i = 0; i < count; i++) {
            double bandwidth = BANDWIDTHS[random.nextInt(BANDWIDTHS.length)] * (0.8 + 0.4 * random.nextDouble());
            machines.add(new MachineOffer("m" + i, Integer.toString(i), "h:" + i,
                    (long) (average * (0.2 + 1.6 * random.nextDouble())),
                    new Speed(bandwidth, bandwidth * (5 + random.nextInt(40)), 0.000_2 * random.nextDouble()),
                    random.nextBoolean()));
        }
        return machines.build();
    }

    /** Two houses: a good cable within each, a bad way between them. */
    static Links links(Random random, ImmutableList<MachineOffer> machines) {
        ImmutableMap.Builder<Hop, Link> known = ImmutableMap.builder();
        boolean[] here = new boolean[machines.size()];
        for (int i = 0; i < here.length; i++) {
            here[i] = random.nextBoolean();
        }
        for (int from = 0; from < here.length; from++) {
            for (int to = 0; to < here.length; to++) {
                if (from != to) {
                    known.put(new Hop(machines.get(from).incarnationId(), machines.get(to).incarnationId()),
                            here[from] == here[to]
                                    ? new Link(0.000_1 * (1 + random.nextInt(5)), 125e6)
                                    : new Link(0.01, 5e6));
                }
            }
        }
        return new Links(known.buildOrThrow(), Link.USUAL);
    }

    private static ImmutableLongArray each(int count, long value) {
        return ImmutableLongArray.copyOf(LongStream.generate(() -> value).limit(count));
    }

    private static ImmutableIntArray cuts(int layers, int period) {
        return ImmutableIntArray.copyOf(IntStream.concat(
                IntStream.iterate(0, cut -> cut < layers, cut -> cut + period), IntStream.of(layers)));
    }
}
