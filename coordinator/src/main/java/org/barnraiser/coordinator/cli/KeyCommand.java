package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Database;
import org.barnraiser.coordinator.account.IssuedKey;
import org.barnraiser.coordinator.account.MemberKey;
import org.barnraiser.coordinator.account.MemberKeys;
import org.barnraiser.coordinator.account.NewKey;
import org.barnraiser.coordinator.account.Role;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * {@code barn key}: who may use this host. It works on the data folder itself, so it needs no running coordinator and no key: whoever
 * may write there is the host.
 */
@Command(name = "key", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "create|list|revoke|rotate|limit", description = "Makes keys for members, and takes them back.")
final class KeyCommand implements Runnable {
    private static final Pattern VALIDITY = Pattern.compile("(\\d{1,6})([hdwy])");
    private static final DateTimeFormatter DAY = DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneOffset.UTC);

    @Spec
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", scope = ScopeType.INHERIT, description = "Data folder (default: $BARN_DATA, else ~/.barnraiser).")
    private @Nullable Path data;

    @Option(names = "--database", paramLabel = "URL", scope = ScopeType.INHERIT, defaultValue = "${env:BARN_DATABASE}", description = "jdbc:postgresql://… that"
            + " coordinators share (default: $BARN_DATABASE, else a file in the data folder).")
    private @Nullable String database;

    private final InstantSource clock = InstantSource.system();

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    KeyCommand() {}

    /** What is done with the keys. */
    private interface Work<T> {
        T on(MemberKeys keys) throws AccountException;
    }

    private <T> T with(Work<T> work) throws AccountException {
        Path folder = DataDirectory.pathOf(data);
        try (Database opened = Database.open(Optional.ofNullable(database), folder)) {
            return work.on(new MemberKeys(opened, clock));
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Makes a key and prints it: the only time that it can be seen.")
    int create(
            @Option(names = "--name", required = true, paramLabel = "NAME", description = "Whose it is.") String name,
            @Option(names = "--role", paramLabel = "ROLE", defaultValue = "member", description = "admin, member or guest (default: ${DEFAULT-VALUE}).") String role,
            @Option(names = "--expires", paramLabel = "TIME", description = "How long it is valid, such as 12h, 90d, 8w or 1y (default: until it is revoked).") @Nullable String expires,
            @Mixin KeyLimitOptions limits) throws AccountException {
        NewKey wanted = new NewKey(name, Role.of(role.toLowerCase(Locale.ROOT)), validity(expires), limits.limits());
        print(with(keys -> keys.create(wanted)));
        return 0;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Shows the keys, but never their secrets.")
    int list() throws AccountException {
        List<MemberKey> all = with(MemberKeys::list);
        PrintWriter out = spec.commandLine().getOut();
        if (all.isEmpty()) {
            out.println(
                    "There is no key yet: programs on this machine need none, and others are refused. 'barn key create' makes one.");
        } else {
            out.printf("%-13s %-8s %-8s %-15s %-11s %s%n", "ID", "ROLE", "STATE", "KEY", "EXPIRES", "NAME");
        }
        Instant now = clock.instant();
        for (MemberKey key : all) {
            out.printf("%-13s %-8s %-8s %-15s %-11s %s%n", key.id(), key.role().word(), key.state(now),
                    key.prefix() + "…", key.expires().map(DAY::format).orElse("never"), key.name());
        }
        out.flush();
        return 0;
    }

    @Command(name = "revoke", mixinStandardHelpOptions = true, description = "Takes a key back; it opens nothing from the next second on.")
    int revoke(
            @Parameters(paramLabel = "KEY", description = "Its id, name, or first characters as 'barn key list' shows them.") String word)
            throws AccountException {
        MemberKey revoked = with(keys -> keys.revoke(keys.find(shown(word)).id()));
        say(revoked.id() + " of " + revoked.name() + " is revoked.");
        return 0;
    }

    @Command(name = "rotate", mixinStandardHelpOptions = true, description = "Gives a key another secret and prints it; the old one opens nothing any more.")
    int rotate(@Parameters(paramLabel = "KEY") String word) throws AccountException {
        print(with(keys -> keys.rotate(keys.find(shown(word)).id())));
        return 0;
    }

    @Command(name = "limit", mixinStandardHelpOptions = true, description = "Sets what a key may use; what is left out is not limited.")
    int limit(@Parameters(paramLabel = "KEY") String word, @Mixin KeyLimitOptions limits) throws AccountException {
        MemberKey changed = with(keys -> keys.limit(keys.find(shown(word)).id(), limits.limits()));
        say(changed.id() + " of " + changed.name() + " has these limits within a second.");
        return 0;
    }

    /** Lists show an ellipsis behind the first characters; it may be copied along. */
    private static String shown(String word) {
        return word.endsWith("…") ? word.substring(0, word.length() - 1) : word;
    }

    /** The secret alone on standard output, for scripts; what people should know goes to standard error. */
    private void print(IssuedKey issued) {
        say(issued.secret().reveal());
        PrintWriter err = spec.commandLine().getErr();
        err.println("This key (" + issued.key().id() + ", " + issued.key().role().word()
                + ") is shown this once; it cannot be shown again.");
        err.flush();
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private static Optional<Duration> validity(@Nullable String text) throws AccountException {
        if (text == null) {
            return Optional.empty();
        }
        Matcher parts = VALIDITY.matcher(text);
        if (!parts.matches()) {
            throw new AccountException(
                    "--expires must be a number of hours, days, weeks or years, such as 12h, 90d, 8w or 1y.");
        }
        long number = Long.parseLong(parts.group(1));
        return Optional.of(switch (parts.group(2)) {
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            case "w" -> Duration.ofDays(7 * number);
            default -> Duration.ofDays(365 * number);
        });
    }
}
