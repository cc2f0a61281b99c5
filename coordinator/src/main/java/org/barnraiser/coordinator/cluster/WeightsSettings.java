package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableSet;
import java.util.OptionalLong;

/**
 * How models are spread over disks.
 *
 * @param copies how many disks are to have each tensor, this coordinator's included
 * @param uploadBytesPerSecond what workers may fetch from this coordinator, all together; empty: as fast as it goes
 * @param givenUp digests of models of which workers may delete the last copy, when they are not hosted
 */
public record WeightsSettings(int copies, OptionalLong uploadBytesPerSecond,
        ImmutableSet<String> givenUp) {
    private static final int MAX_COPIES = 64;

    public WeightsSettings {
        if (copies < 1 || copies > MAX_COPIES) {
            throw new IllegalArgumentException("--copies is " + copies + "; it must be from 1 to " + MAX_COPIES);
        }
    }

    /** Two copies, no limit. */
    public static WeightsSettings standard() {
        return new WeightsSettings(2, OptionalLong.empty(), ImmutableSet.of());
    }
}
