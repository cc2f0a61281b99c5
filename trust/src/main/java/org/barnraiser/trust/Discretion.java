package org.barnraiser.trust;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Libraries that would log what readers write, as parts of what they send and receive, if somebody let them: nobody does. */
public final class Discretion {
    private static final List<String> NETWORK = List.of("io.grpc", "org.eclipse.jetty", "io.javalin");

    private Discretion() {}

    /** Keeps these libraries from more than what people must know, whatever the logging's configuration says. */
    public static void keep() {
        for (String library : NETWORK) {
            if (LoggerFactory.getLogger(library) instanceof Logger logger) {
                logger.setLevel(Level.WARN);
            }
        }
    }
}
