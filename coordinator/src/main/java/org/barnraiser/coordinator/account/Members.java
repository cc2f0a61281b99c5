package org.barnraiser.coordinator.account;

import com.google.common.base.Ticker;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** Everything about members, as a running coordinator has it. */
public final class Members implements AutoCloseable {
    private final Doorkeeper doorkeeper;
    private final Admissions admissions;
    private final Optional<Register> register;
    private final Runnable onClose;

    private Members(Doorkeeper doorkeeper, Admissions admissions, Optional<Register> register, Runnable onClose) {
        this.doorkeeper = doorkeeper;
        this.admissions = admissions;
        this.register = register;
        this.onClose = onClose;
    }

    /** What is there only with a database. */
    public record Register(MemberKeys keys, KeyRing ring, UsageBook usage, ContributionLedger ledger) {}

    /**
     * How members are kept.
     *
     * @param dataFolder where the database is, unless it is elsewhere, and this machine's own key
     * @param database {@code jdbc:postgresql://…}; empty for a file in the data folder
     * @param withoutKey what those without a key may do; empty when they are refused
     * @param givenKeys a folder with keys that were made elsewhere
     */
    public record Settings(Path dataFolder, Optional<String> database, Optional<Role> withoutKey,
            Optional<Path> givenKeys) {}

    /** No keys at all: this machine is served, and others are not. */
    public static Members none() {
        return new Members(new Doorkeeper(Optional.empty(), Optional.empty(), Optional.empty()),
                new Admissions(Optional.empty(), Optional.empty(), Ticker.systemTicker()), Optional.empty(), () -> {});
    }

    /** Opens the database. */
    public static Members open(Settings settings) throws AccountException {
        InstantSource clock = InstantSource.system();
        Database database = Database.open(settings.database(), settings.dataFolder());
        try {
            MemberKeys keys = new MemberKeys(database, clock);
            if (settings.givenKeys().isPresent()) {
                GivenKeys.take(settings.givenKeys().get(), keys);
            }
            KeyRing ring = new KeyRing(keys, clock);
            UsageBook book = new UsageBook(database, clock);
            // A file is this coordinator's alone, so what is reserved in it was reserved by one that has ended.
            book.releaseLapsed(settings.database().isEmpty());
            LocalKey local = LocalKey.writeTo(settings.dataFolder());
            Bookkeeper bookkeeper = Bookkeeper.start(book);
            return new Members(new Doorkeeper(Optional.of(ring), Optional.of(local), settings.withoutKey()),
                    new Admissions(Optional.of(book), Optional.of(bookkeeper), Ticker.systemTicker()),
                    Optional.of(new Register(keys, ring, book, new ContributionLedger(database))), () -> {
                        bookkeeper.close();
                        database.close();
                    });
        } catch (AccountException | RuntimeException failed) {
            database.close();
            throw failed;
        }
    }

    public Doorkeeper doorkeeper() {
        return doorkeeper;
    }

    public Admissions admissions() {
        return admissions;
    }

    public Optional<Register> register() {
        return register;
    }

    /** Writes what is not written yet. */
    @Override
    public void close() {
        onClose.run();
    }
}
