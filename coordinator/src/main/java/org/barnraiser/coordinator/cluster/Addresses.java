package org.barnraiser.coordinator.cluster;

import com.google.common.net.HostAndPort;
import java.time.Duration;
import java.util.regex.Pattern;
import org.barnraiser.trust.reach.Whereabouts;

/** Checks addresses that other machines say of themselves. */
public final class Addresses {
    private static final int MAX_LENGTH = 300;
    private static final int WAYS_TO_TRY = 4;
    /** Names, IPv4 and IPv6; whatever else there is would be taken for a part of a URL somewhere. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]+");

    private Addresses() {}

    /** Whether it says where a worker is found: {@code host:port}, a line on which it is called, or both. */
    public static boolean isWhereabouts(String text) {
        return isHostAndPort(text) || Whereabouts.parse(text).isPresent();
    }

    /** Whether a worker there is on the machine that has this address, as far as that can be told without asking anybody. */
    static boolean isSameMachine(String whereabouts, String ownAddress) {
        return Whereabouts.parse(whereabouts).flatMap(Whereabouts::direct).map(Whereabouts::host)
                .filter(host -> Whereabouts.isLoopback(host) || host.equals(Whereabouts.host(ownAddress)))
                .isPresent();
    }

    /** How long a worker there may take to answer for the first time: several ways may have to be tried. */
    static Duration patience(String whereabouts, Duration whereDialled) {
        return Whereabouts.parse(whereabouts).flatMap(Whereabouts::line).isPresent()
                ? whereDialled.multipliedBy(WAYS_TO_TRY)
                : whereDialled;
    }

    /** What of it is an address to be shown to people; empty for a worker that is called by its line alone. */
    public static String shown(String whereabouts) {
        return Whereabouts.parse(whereabouts).map(found -> found.direct().orElse("")).orElse(whereabouts);
    }

    /** Whether it is {@code host:port} with a port that can be called. */
    public static boolean isHostAndPort(String text) {
        try {
            HostAndPort address = HostAndPort.fromString(text);
            return text.length() <= MAX_LENGTH && HOST.matcher(address.getHost()).matches() && address.hasPort()
                    && address.getPort() > 0;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
