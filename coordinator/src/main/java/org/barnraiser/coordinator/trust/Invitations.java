package org.barnraiser.coordinator.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.barnraiser.trust.Fingerprint;
import org.barnraiser.trust.Invitation;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.TrustException;

/**
 * The invitations that were given out: a file each, named by the sha256 of its secret, which is nowhere else. Taking one renames its
 * file, which works once however many try. Several processes may use the folder.
 */
public final class Invitations {
    private static final String OPEN = ".open";
    private static final String USED = ".used";
    /** So long it is told that an invitation was used or is over, rather than unknown. */
    private static final Duration REMEMBERED = Duration.ofDays(30);

    private final Path folder;
    private final InstantSource clock;

    /** @param trustFolder that holds the authority; it exists */
    public Invitations(Path trustFolder, InstantSource clock) {
        folder = trustFolder.resolve("invitations");
        this.clock = clock;
    }

    private record Terms(Role role, Instant end) {
        static Terms of(String text) throws IOException {
            String[] words = text.strip().split(" ", 2);
            try {
                return new Terms(Role.valueOf(words[0]), Instant.parse(words[1]));
            } catch (RuntimeException e) {
                throw new IOException("an invitation is damaged", e);
            }
        }
    }

    /** A new secret that lets one member in. */
    public String create(Role role, Duration validity) throws TrustException {
        String secret = Invitation.newSecret();
        try {
            Files.createDirectories(folder);
            forgetOld();
            Files.writeString(file(secret, OPEN), role + " " + clock.instant().plus(validity));
            return secret;
        } catch (IOException e) {
            throw new TrustException("The invitation cannot be kept in " + folder + ": " + e.getMessage() + ".", e);
        }
    }

    /**
     * Uses an invitation up.
     *
     * @return what it is for
     * @throws TrustException with the reason that it opens nothing, for the one who has it
     */
    Role take(String secret) throws TrustException {
        Path open = file(secret, OPEN);
        try {
            Files.move(open, file(secret, USED), StandardCopyOption.ATOMIC_MOVE);
            Terms terms = Terms.of(Files.readString(file(secret, USED), StandardCharsets.UTF_8));
            if (terms.end().isAfter(clock.instant())) {
                return terms.role();
            }
            Files.move(file(secret, USED), open, StandardCopyOption.ATOMIC_MOVE); // so that it is told the same again
            throw new TrustException("This invitation is over; ask for a new one.");
        } catch (NoSuchFileException _) {
            throw new TrustException(Files.exists(file(secret, USED))
                    ? "This invitation was used already; each lets one machine in, so ask for a new one."
                    : "This invitation is unknown here; ask for a new one.");
        } catch (IOException e) {
            throw new TrustException("Invitations cannot be read here; the coordinator's disk may be full.", e);
        }
    }

    /** Gives an invitation back that was taken and led to nothing. */
    void giveBack(String secret) throws TrustException {
        try {
            Files.move(file(secret, USED), file(secret, OPEN), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new TrustException("Invitations cannot be kept here; the coordinator's disk may be full.", e);
        }
    }

    private void forgetOld() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                try {
                    if (Terms.of(Files.readString(file, StandardCharsets.UTF_8)).end().plus(REMEMBERED)
                            .isBefore(clock.instant())) {
                        Files.deleteIfExists(file);
                    }
                } catch (NoSuchFileException _) {
                    // It is being used in this moment.
                }
            }
        }
    }

    private Path file(String secret, String state) {
        return folder.resolve(Fingerprint.sha256(secret.getBytes(StandardCharsets.UTF_8)) + state);
    }
}
