package org.barnraiser.worker;

import java.io.Console;
import java.util.Locale;
import java.util.Optional;

/** What somebody wants done: said beforehand, or asked for on a terminal. */
enum Answer {
    YES, NO, ASK;

    /** Blocks while a person thinks; no, where nobody can be asked. */
    boolean isYes(String question) {
        if (this != ASK) {
            return this == YES;
        }
        return Optional.ofNullable(System.console()).filter(Console::isTerminal)
                .map(console -> console.readLine("%s [y/N] ", question))
                .filter(said -> said.strip().toLowerCase(Locale.ROOT).startsWith("y")).isPresent();
    }
}
