package org.barnraiser.coordinator.account;

import java.util.Optional;

class SqliteAccountsTest extends AccountsContract {
    @Override
    Optional<String> url() {
        return Optional.empty();
    }
}
