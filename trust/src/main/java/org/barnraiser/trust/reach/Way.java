package org.barnraiser.trust.reach;

/**
 * How a connection gets to its other side.
 *
 * @param relay {@code host:port} of who carries it; empty unless it is relayed
 */
public record Way(Kind kind, String relay) {
    public static final Way DIRECT = new Way(Kind.DIRECT, "");
    static final Way REVERSED = new Way(Kind.REVERSED, "");

    /** The best first. */
    public enum Kind {
        /** The caller has dialled. */
        DIRECT,
        /** The called side has dialled the caller. */
        REVERSED,
        /** Both have dialled a relay. */
        RELAYED
    }

    static Way relayed(String relay) {
        return new Way(Kind.RELAYED, relay);
    }

    /** Nobody else carries what goes this way. */
    boolean isOwn() {
        return kind != Kind.RELAYED;
    }

    /** For people. */
    public String words() {
        return switch (kind) {
            case DIRECT -> "direct";
            case REVERSED -> "reversed";
            case RELAYED -> "relayed through " + relay;
        };
    }
}
