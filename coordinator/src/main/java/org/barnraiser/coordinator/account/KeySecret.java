package org.barnraiser.coordinator.account;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A key as its holder has it. Only its {@link #hash()} is ever stored: it is 256 random bits, so a plain SHA-256 is as good as the
 * slow hashes that passwords need.
 */
public final class KeySecret {
    /** So that people and secret scanners know what they have found. */
    static final String START = "barn_";
    private static final int RANDOM_BYTES = 32;
    private static final int SHOWN = START.length() + 6;
    private static final int MAX_LENGTH = 200;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String text;

    private KeySecret(String text) {
        this.text = text;
    }

    static KeySecret random() {
        byte[] bits = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(bits);
        return new KeySecret(START + Base64.getUrlEncoder().withoutPadding().encodeToString(bits));
    }

    /** What somebody sent. */
    public static KeySecret of(String text) {
        return new KeySecret(text.length() > MAX_LENGTH ? "" : text);
    }

    /** To be shown once, to the one who asked for it. */
    public String reveal() {
        return text;
    }

    /** What lists show. */
    String prefix() {
        return text.substring(0, Math.min(SHOWN, text.length()));
    }

    String hash() {
        return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
    }

    /** Not the key: this may end in a log. */
    @Override
    public String toString() {
        return "key " + prefix() + "…";
    }
}
