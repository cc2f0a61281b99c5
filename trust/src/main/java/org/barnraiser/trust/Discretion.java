package org.barnraiser.trust;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Libraries that would log what readers write, as parts of what they send and receive, or more than people can use: nobody lets them. */
public final class Discretion {
    private static final List<String> NETWORK = List.of("io.grpc", "org.eclipse.jetty", "io.javalin");

    private Discretion() {}

    /** From now on this library says nothing, until the process ends. */
    public static void silence(String library) {
        set(library, Level.OFF);
    }

    /** Keeps these libraries from more than what people must know, whatever the logging's configuration says. */
    public static void keep() {
        NETWORK.forEach(library -> set(library, Level.WARN));
    }

    private static void set(String library, Level level) {
        if (LoggerFactory.getLogger(library) instanceof Logger logger) {
            logger.setLevel(level);
        }
    }
}
