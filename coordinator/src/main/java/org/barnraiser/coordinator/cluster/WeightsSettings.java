package org.barnraiser.coordinator.cluster;

import java.util.Optional;
import java.util.OptionalLong;
import org.barnraiser.coordinator.library.Origin;

/**
 * How the model is spread over disks.
 *
 * @param copies how many disks are to have each tensor, this coordinator's included
 * @param uploadBytesPerSecond what workers may fetch from this coordinator, all together; empty: as fast as it goes
 * @param origin from where weights are to be had that are not on this host; empty: the model's files are here
 */
public record WeightsSettings(int copies, OptionalLong uploadBytesPerSecond, Optional<Origin> origin) {
    private static final int MAX_COPIES = 64;

    public WeightsSettings {
        if (copies < 1 || copies > MAX_COPIES) {
            throw new IllegalArgumentException("--copies is " + copies + "; it must be from 1 to " + MAX_COPIES);
        }
    }

    /** Of a model whose files are here. */
    public WeightsSettings(int copies, OptionalLong uploadBytesPerSecond) {
        this(copies, uploadBytesPerSecond, Optional.empty());
    }

    /** Two copies, no limit. */
    public static WeightsSettings standard() {
        return new WeightsSettings(2, OptionalLong.empty());
    }

    public WeightsSettings withOrigin(Optional<Origin> there) {
        return new WeightsSettings(copies, uploadBytesPerSecond, there);
    }
}
