package org.barnraiser.coordinator.terminal;

import java.io.Console;
import java.util.Optional;

/** Where a command prints. */
public final class Terminal {
    private Terminal() {}

    /** Whether a person looks at what is printed. */
    public static boolean isThere() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }
}
