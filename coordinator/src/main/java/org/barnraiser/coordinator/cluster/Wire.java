package org.barnraiser.coordinator.cluster;

import org.barnraiser.proto.HiddenStates.Encoding;

/** How hidden states travel between machines. */
public enum Wire {
    /** Exactly, but at half precision where a link is measured to be slow. */
    AUTO(Encoding.F32),
    /** Exactly. */
    F32(Encoding.F32),
    /** At half precision. */
    F16(Encoding.F16),
    /** With 8 bits for each value. */
    Q8(Encoding.Q8);

    private final Encoding encoding;

    Wire(Encoding encoding) {
        this.encoding = encoding;
    }

    /** What links begin with. */
    Encoding encoding() {
        return encoding;
    }
}
