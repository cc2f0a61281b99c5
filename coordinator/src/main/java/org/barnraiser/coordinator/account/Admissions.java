package org.barnraiser.coordinator.account;

import com.google.common.base.Ticker;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets requests in as far as their keys' limits go. The limit of requests at the same time counts on each coordinator; those of the minute
 * and of the day count across all that share a database. Callable from any thread.
 */
public final class Admissions {
    private final Ticker ticker;
    private final Optional<UsageBook> book;
    private final Optional<Bookkeeper> bookkeeper;
    /** By key; as many as there are keys at most. */
    private final Map<String, Allowance> allowances = new ConcurrentHashMap<>();

    Admissions(Optional<UsageBook> book, Optional<Bookkeeper> bookkeeper, Ticker ticker) {
        this.book = book;
        this.bookkeeper = bookkeeper;
        this.ticker = ticker;
    }

    /** Counts a request for an answer in; it must be closed. */
    public Admission enter(Caller caller, String model) throws RefusedException {
        if (caller.key().isEmpty() || book.isEmpty() || bookkeeper.isEmpty()) {
            return Admission.UNLIMITED;
        }
        MemberKey key = caller.key().get();
        if (!key.limits().allowsModel(model)) {
            throw new RefusedException(Refusal.of(403, "model_not_allowed",
                    "This key may not ask this model; it may ask " + String.join(", ", key.limits().models()) + "."));
        }
        Allowance allowance = allowances.compute(key.id(),
                (_, known) -> known != null && known.limits().equals(key.limits())
                        ? known
                        : new Allowance(key.limits(), ticker));
        allowance.begin();
        try {
            return new CountedAdmission(key, allowance, book.get(), bookkeeper.get().takePlace());
        } catch (RefusedException full) {
            allowance.end();
            throw full;
        }
    }
}
