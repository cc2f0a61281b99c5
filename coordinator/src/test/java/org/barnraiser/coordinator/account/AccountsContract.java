package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What members' accounts promise, whatever database keeps them. */
abstract class AccountsContract {
    private final TestClock clock = new TestClock();
    private Path folder;
    private Database database;
    private MemberKeys keys;
    private UsageBook book;

    /** An address of a database that may hold others' keys already; empty for a file. */
    abstract Optional<String> url();

    @BeforeEach
    void open(@TempDir Path dataFolder) throws AccountException {
        folder = dataFolder;
        database = Database.open(url(), folder);
        keys = new MemberKeys(database, clock);
        book = new UsageBook(database, clock);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void a_key_opens_what_it_was_made_for_and_its_secret_is_nowhere() throws AccountException {
        IssuedKey issued = keys.create(named("Ada", Role.ADMIN));
        KeyRing ring = new KeyRing(keys, clock);
        assertThat(ring.find(KeySecret.of(issued.secret().reveal()))).contains(issued.key());
        assertThat(ring.find(KeySecret.of(issued.secret().reveal() + "x"))).isEmpty();
        assertThat(ring.isEmpty()).isFalse();
        assertThat(keys.stored().toString()).doesNotContain(issued.secret().reveal())
                .contains(issued.secret().prefix());
    }

    @Test
    void everything_about_a_key_is_kept() throws AccountException {
        KeyLimits limits = new KeyLimits(ImmutableSet.of("small", "large"), OptionalLong.of(10), OptionalLong.of(1_000),
                OptionalLong.of(50_000), OptionalLong.of(2), 3);
        IssuedKey issued = keys
                .create(new NewKey("Grace 'O\" Hopper; DROP TABLE", Role.GUEST, Optional.of(Duration.ofDays(90)),
                        limits));
        assertThat(keys.find(issued.key().id())).isEqualTo(issued.key());
        assertThat(keys.find(issued.key().id()).limits()).isEqualTo(limits);
        assertThat(keys.limit(issued.key().id(), KeyLimits.NONE).limits()).isEqualTo(KeyLimits.NONE);
    }

    @Test
    void keys_expire_and_are_revoked_for_ever() throws AccountException {
        IssuedKey brief = keys
                .create(new NewKey("brief", Role.MEMBER, Optional.of(Duration.ofHours(1)), KeyLimits.NONE));
        IssuedKey lasting = keys.create(named("lasting", Role.MEMBER));
        KeyRing ring = new KeyRing(keys, clock);
        assertThat(ring.find(brief.secret())).isPresent();
        clock.pass(Duration.ofHours(1));
        assertThat(ring.find(brief.secret())).isEmpty();
        assertThat(keys.revoke(lasting.key().id()).state(clock.instant())).isEqualTo("revoked");
        ring.refresh();
        assertThat(ring.find(lasting.secret())).isEmpty();
        assertThat(ring.isEmpty()).as("a door with a lock stays locked").isFalse();
        assertThatThrownBy(() -> keys.rotate(lasting.key().id())).isInstanceOf(AccountException.class);
    }

    @Test
    void a_rotated_key_has_one_secret_only() throws AccountException {
        IssuedKey first = keys.create(named("Ada", Role.MEMBER));
        IssuedKey second = keys.rotate(first.key().id());
        KeyRing ring = new KeyRing(keys, clock);
        assertThat(ring.find(first.secret())).isEmpty();
        assertThat(ring.find(second.secret())).map(MemberKey::id).contains(first.key().id());
    }

    @Test
    void a_day_has_room_for_what_its_limit_says_however_many_ask_at_once() throws Exception {
        String key = keys.create(named("crowd", Role.MEMBER)).key().id();
        List<Callable<Boolean>> asking = IntStream.range(0, 40).<Callable<Boolean>>mapToObj(_ -> () -> {
            try {
                book.reserve(key, 10, daily(150));
                return true;
            } catch (RefusedException _) {
                return false;
            }
        }).toList();
        long let = 0;
        try (ExecutorService readers = Executors.newFixedThreadPool(8)) {
            for (Future<Boolean> answer : readers.invokeAll(asking)) {
                let += answer.get() ? 1 : 0;
            }
        }
        assertThat(let).isEqualTo(15);
        assertThat(book.today(key).reserved()).isEqualTo(150);
    }

    @Test
    void a_settlement_charges_once_however_often_it_is_tried() throws Exception {
        String key = keys.create(named("Ada", Role.MEMBER)).key().id();
        Reservation reservation = book.reserve(key, 500, daily(1_000));
        var settlement = new UsageBook.Settlement(reservation, 7, 30);
        book.settle(List.of(settlement, settlement));
        book.settle(List.of(settlement));
        assertThat(book.today(key)).isEqualTo(new UsageBook.Day(37, 0));
        assertThat(used(key)).containsExactly(new Usage(key, LocalDate.of(2026, 11, 21), 1, 7, 30));
    }

    @Test
    void what_runs_over_midnight_counts_for_the_day_of_its_beginning() throws Exception {
        String key = keys.create(named("Ada", Role.MEMBER)).key().id();
        clock.pass(Duration.ofHours(13).plusMinutes(59));
        Reservation late = book.reserve(key, 100, daily(100));
        assertThatThrownBy(() -> book.reserve(key, 1, daily(100))).isInstanceOf(RefusedException.class)
                .hasMessageContaining("0 of its 100 left today");
        clock.pass(Duration.ofMinutes(2));
        book.settle(List.of(new UsageBook.Settlement(late, 50, 50)));
        assertThat(book.today(key)).isEqualTo(new UsageBook.Day(0, 0));
    }

    @Test
    void reservations_of_a_coordinator_that_died_lapse() throws Exception {
        String key = keys.create(named("Ada", Role.MEMBER)).key().id();
        Reservation lost = book.reserve(key, 100, daily(100));
        clock.pass(Duration.ofHours(2));
        assertThat(book.today(key).reserved()).isZero();
        assertThat(book.releaseLapsed(false)).isPositive();
        book.settle(List.of(new UsageBook.Settlement(lost, 50, 50)));
        assertThat(used(key)).isEmpty();
    }

    @Test
    void tables_are_found_as_they_were_left() throws AccountException {
        String name = "kept-" + UUID.randomUUID();
        IssuedKey issued = keys.create(named(name, Role.MEMBER));
        try (Database again = Database.open(url(), folder)) {
            assertThat(new MemberKeys(again, clock).find(name)).isEqualTo(issued.key());
        }
    }

    /** A key that may use so many tokens a day. */
    static KeyLimits daily(long tokens) {
        return new KeyLimits(ImmutableSet.of(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(tokens),
                OptionalLong.empty(), 1);
    }

    private List<Usage> used(String key) throws AccountException {
        return book.since(LocalDate.of(2026, 1, 1)).stream().filter(day -> day.keyId().equals(key)).toList();
    }

    private static NewKey named(String name, Role role) {
        return new NewKey(name, role, Optional.empty(), KeyLimits.NONE);
    }
}
