package org.barnraiser.coordinator.follow;

import com.google.common.base.Ascii;
import com.google.common.base.Strings;
import org.jspecify.annotations.Nullable;

/** What another coordinator says, for people: one line of it is enough. */
final class Said {
    private static final int MAX_LENGTH = 500;

    private Said() {}

    static String line(@Nullable String text) {
        return Ascii.truncate(Strings.nullToEmpty(text).strip().replaceAll("\\s+", " "), MAX_LENGTH, "…");
    }
}
