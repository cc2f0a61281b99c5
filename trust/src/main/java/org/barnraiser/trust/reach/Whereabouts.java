package org.barnraiser.trust.reach;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a member is found, in one text that takes the place of an address: {@code host:port} where it can be dialled, {@code +line} where it
 * waits on lines to relays, or one after the other.
 *
 * @param direct {@code host:port}
 * @param line the member's id, a tilde, and its incarnation
 */
public record Whereabouts(Optional<String> direct, Optional<String> line) {
    private static final int MAX_CHARS = 500;
    private static final Pattern FORM = Pattern.compile(
            "((?:[A-Za-z0-9._-]+|\\[[A-Za-z0-9:.%]+])(?::[0-9]{1,5}))?(?:\\+([A-Za-z0-9._-]{1,128}~[A-Za-z0-9._-]{1,128}))?");
    private static final int MAX_PORT = 65_535;

    public Whereabouts {
        if (direct.isEmpty() && line.isEmpty()) {
            throw new IllegalArgumentException("neither an address nor a line");
        }
    }

    /** What a member says of itself, which nobody believes unseen; empty when it is neither. */
    public static Optional<Whereabouts> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (text.isEmpty() || text.length() > MAX_CHARS || !form.matches()) {
            return Optional.empty();
        }
        Optional<String> direct = Optional.ofNullable(form.group(1));
        return direct.stream().mapToInt(Whereabouts::port).allMatch(port -> port >= 1 && port <= MAX_PORT)
                ? Optional.of(new Whereabouts(direct, Optional.ofNullable(form.group(2))))
                : Optional.empty();
    }

    /** The name of a member's line. */
    public static String line(String memberId, String incarnationId) {
        return memberId + "~" + incarnationId;
    }

    static String memberOf(String line) {
        return line.substring(0, Math.max(0, line.indexOf('~')));
    }

    static boolean isLine(String text) {
        return parse("+" + text).isPresent();
    }

    static boolean isAddress(String text) {
        return parse(text).filter(found -> found.line().isEmpty()).isPresent();
    }

    static int port(String address) {
        return Integer.parseInt(address, address.lastIndexOf(':') + 1, address.length(), 10);
    }

    /** {@code host:port}, with brackets around an IPv6 address. */
    public static String address(String host, int port) {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** The host of {@code host:port}, without brackets around it. */
    public static String host(String address) {
        String host = address.substring(0, address.lastIndexOf(':'));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Whether only programs of its own machine dial this host, as far as can be told without asking for names. */
    public static boolean isLoopback(String host) {
        try {
            return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException _) {
            return false; // a name
        }
    }

    @Override
    public String toString() {
        return direct.orElse("") + line.map(name -> "+" + name).orElse("");
    }
}
