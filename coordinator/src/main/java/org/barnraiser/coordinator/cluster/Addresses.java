package org.barnraiser.coordinator.cluster;

import com.google.common.net.HostAndPort;
import java.util.regex.Pattern;

/** Checks addresses that other machines say of themselves. */
public final class Addresses {
    private static final int MAX_LENGTH = 300;
    /** Names, IPv4 and IPv6; whatever else there is would be taken for a part of a URL somewhere. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]+");

    private Addresses() {}

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
