package org.barnraiser.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key of which standing invitations are made. Each lets in one worker by the name that its secret is made of, as often as a machine of
 * that name comes: pods come and go, and nobody is there to invite each of them. Nothing need be remembered of them.
 */
public final class StandingKey {
    private static final Pattern TEXT = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] key;

    private StandingKey(byte[] key) {
        this.key = key;
    }

    /** From what {@link Invitation#newSecret()} has made. */
    public static StandingKey parse(String text) throws TrustException {
        if (!TEXT.matcher(text).matches()) {
            throw new TrustException("A key of standing invitations has 43 letters, digits, dashes and underscores.");
        }
        return new StandingKey(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The same, from a file. */
    public static StandingKey read(Path file) throws TrustException {
        try {
            return parse(Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (IOException e) {
            throw new TrustException(file + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    /** The secret of the invitation for the worker of this name. */
    public String secretFor(String worker) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return Base64.getUrlEncoder().withoutPadding()
                    .encodeToString(mac.doFinal(worker.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has " + ALGORITHM, e);
        }
    }

    /** Whether this is the secret of the invitation for the worker of this name. */
    public boolean opens(String secret, String worker) {
        return MessageDigest.isEqual(secretFor(worker).getBytes(StandardCharsets.US_ASCII),
                secret.getBytes(StandardCharsets.UTF_8));
    }

    /** Not the key: this may end in a log. */
    @Override
    public String toString() {
        return "key of standing invitations";
    }
}
