package org.barnraiser.coordinator.doctor;

import java.util.Locale;

/** Numbers of bytes for people. */
final class Sizes {
    static final long MIB = 1L << 20;
    static final long GIB = 1L << 30;

    private Sizes() {}

    /** Such as 7.6 GiB or 300 MiB. */
    static String of(long bytes) {
        return bytes >= GIB
                ? String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB)
                : bytes / MIB + " MiB";
    }
}
