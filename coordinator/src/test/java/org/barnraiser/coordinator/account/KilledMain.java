package org.barnraiser.coordinator.account;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A coordinator's accounting in a process of its own, which works until it is killed. It says each number once it is settled. */
final class KilledMain {
    static final int PROMPT = 3;
    static final int ANSWER = 4;

    private KilledMain() {}

    /** Data folder, and the id of a key. */
    public static void main(String[] arguments) throws AccountException, RefusedException {
        Database database = Database.open(Optional.empty(), Path.of(arguments[0]));
        UsageBook book = new UsageBook(database, InstantSource.system());
        for (int request = 1;; request++) {
            Reservation reservation = book.reserve(arguments[1], 100, KeyLimits.NONE);
            System.out.println("reserved " + request);
            book.settle(List.of(new UsageBook.Settlement(reservation, PROMPT, ANSWER)));
            System.out.println("settled " + request);
        }
    }
}
