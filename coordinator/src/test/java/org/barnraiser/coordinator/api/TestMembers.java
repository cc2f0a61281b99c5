package org.barnraiser.coordinator.api;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.IssuedKey;
import org.barnraiser.coordinator.account.KeyLimits;
import org.barnraiser.coordinator.account.MemberKeys;
import org.barnraiser.coordinator.account.Members;
import org.barnraiser.coordinator.account.NewKey;
import org.barnraiser.coordinator.account.Role;

/** Members in a folder of a test. */
final class TestMembers implements AutoCloseable {
    final Members members;

    TestMembers(Path folder, Optional<Role> withoutKey) throws AccountException {
        members = Members.open(new Members.Settings(folder, Optional.empty(), withoutKey, Optional.empty()));
    }

    MemberKeys keys() {
        return members.register().orElseThrow().keys();
    }

    IssuedKey key(Role role) throws AccountException {
        return key(role, KeyLimits.NONE);
    }

    IssuedKey key(Role role, KeyLimits limits) throws AccountException {
        IssuedKey issued = keys().create(new NewKey(role.word(), role, Optional.empty(), limits));
        members.register().orElseThrow().ring().refresh();
        return issued;
    }

    /** A key that was valid in another time. */
    IssuedKey expired() throws AccountException {
        InstantSource past = InstantSource.offset(InstantSource.system(), Duration.ofDays(-2));
        return keys().at(past)
                .create(new NewKey("expired", Role.ADMIN, Optional.of(Duration.ofDays(1)), KeyLimits.NONE));
    }

    void refresh() {
        members.register().orElseThrow().ring().refresh();
    }

    @Override
    public void close() {
        members.close();
    }
}
