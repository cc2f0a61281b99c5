package org.barnraiser.coordinator.cli;

import java.io.Console;
import java.util.Optional;

/** Whether a person looks at what a command prints. */
final class Terminal {
    private Terminal() {}

    static boolean isThere() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }
}
