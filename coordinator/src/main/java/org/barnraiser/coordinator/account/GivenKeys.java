package org.barnraiser.coordinator.account;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Keys that somebody else has made, as Kubernetes keeps them in Secrets: a file for a role, called like it. */
final class GivenKeys {
    private static final int MIN_LENGTH = 40;
    private static final int MAX_BYTES = 200;

    private GivenKeys() {}

    /** Has the keys of this folder count, and those no more that it held before. */
    static void take(Path folder, MemberKeys keys) throws AccountException {
        for (Role role : Role.values()) {
            Path file = folder.resolve(role.word());
            try {
                if (Files.exists(file)) {
                    keys.put(new NewKey("given: " + role.word(), role, Optional.empty(), KeyLimits.NONE), read(file));
                }
            } catch (IOException e) {
                throw new AccountException("The key in " + file + " cannot be read: " + e.getMessage() + ".", e);
            }
        }
    }

    private static KeySecret read(Path file) throws AccountException, IOException {
        String text = Files.size(file) > MAX_BYTES ? "" : Files.readString(file).strip();
        if (text.length() < MIN_LENGTH || !text.startsWith(KeySecret.START)) {
            throw new AccountException(file + " holds no key: one begins with " + KeySecret.START + " and has at least "
                    + MIN_LENGTH + " characters.");
        }
        return KeySecret.of(text);
    }
}
