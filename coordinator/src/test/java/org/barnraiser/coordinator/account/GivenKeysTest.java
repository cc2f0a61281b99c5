package org.barnraiser.coordinator.account;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Keys that somebody else has made. */
class GivenKeysTest {
    private static final String ADMIN = "barn_" + "a".repeat(43);
    private static final String OTHER = "barn_" + "b".repeat(43);

    @TempDir
    private Path folder;

    @Test
    void a_given_key_counts_until_another_is_given() throws Exception {
        try (Database database = Database.open(Optional.empty(), folder)) {
            MemberKeys keys = new MemberKeys(database, InstantSource.system());
            var own = keys.create(new NewKey("Ada", Role.ADMIN, Optional.empty(), KeyLimits.NONE));
            give(ADMIN);
            GivenKeys.take(folder, keys);
            GivenKeys.take(folder, keys);
            assertThat(found(keys, ADMIN).map(MemberKey::role)).contains(Role.ADMIN);
            assertThat(keys.list()).hasSize(2);

            give(OTHER);
            GivenKeys.take(folder, keys);
            assertThat(found(keys, OTHER)).isPresent();
            assertThat(found(keys, ADMIN)).isEmpty();
            assertThat(found(keys, own.secret().reveal())).isPresent();
        }
    }

    @Test
    void what_is_no_key_is_refused_in_one_sentence() throws Exception {
        give("secret");
        try (Database database = Database.open(Optional.empty(), folder)) {
            assertThatExceptionOfType(AccountException.class)
                    .isThrownBy(() -> GivenKeys.take(folder, new MemberKeys(database, InstantSource.system())))
                    .withMessageContaining("holds no key").withMessageNotContaining("secret");
        }
    }

    private void give(String key) throws Exception {
        Files.writeString(folder.resolve("admin"), key + "\n");
    }

    private static Optional<MemberKey> found(MemberKeys keys, String secret) throws AccountException {
        return new KeyRing(keys, InstantSource.system()).find(KeySecret.of(secret));
    }
}
