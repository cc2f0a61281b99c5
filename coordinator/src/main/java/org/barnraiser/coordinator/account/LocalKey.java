package org.barnraiser.coordinator.account;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * A key in a file of the data folder that only its owner can read: whoever runs the coordinator runs {@code barn status} and the like
 * without further ado. It is made anew at every start and counts on this machine alone.
 */
public final class LocalKey {
    private static final String FILE = "local-key";
    private static final int MAX_LENGTH = 200;

    private final KeySecret secret;

    private LocalKey(KeySecret secret) {
        this.secret = secret;
    }

    /** Writes a new one. */
    public static LocalKey writeTo(Path dataFolder) throws AccountException {
        LocalKey key = new LocalKey(KeySecret.random());
        Path file = dataFolder.resolve(FILE);
        Path part = dataFolder.resolve(FILE + ".part");
        try {
            Files.createDirectories(dataFolder);
            Files.deleteIfExists(part);
            Files.createFile(part, ownerOnly());
            Files.writeString(part, key.secret.reveal() + "\n");
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new AccountException("Cannot write " + file + " (" + e.getMessage() + ").", e);
        }
        return key;
    }

    /** What this machine's coordinator wrote, if this process may read it. */
    static Optional<String> readFrom(Path dataFolder) {
        Path file = dataFolder.resolve(FILE);
        try {
            return Files.isReadable(file) && Files.size(file) <= MAX_LENGTH
                    ? Optional.of(Files.readString(file).strip())
                    : Optional.empty();
        } catch (IOException _) {
            // Then the coordinator says that a key is needed, which is the better message.
            return Optional.empty();
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[]{
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[]{};
    }

    boolean matches(KeySecret other) {
        return MessageDigest.isEqual(secret.hash().getBytes(StandardCharsets.UTF_8),
                other.hash().getBytes(StandardCharsets.UTF_8));
    }
}
