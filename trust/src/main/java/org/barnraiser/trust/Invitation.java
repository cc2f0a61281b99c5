package org.barnraiser.trust;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a machine needs to join: where the coordinator is, how to know it, and a secret that works once.
 *
 * @param address {@code host:port} of the coordinator that keeps the authority
 * @param fingerprint of the cluster's authority
 */
public record Invitation(String address, String fingerprint, String secret) {
    private static final Pattern TEXT = Pattern
            .compile("barn1\\.([A-Za-z0-9_-]{2,400})\\.([0-9a-f]{64})\\.([A-Za-z0-9_-]{43})");
    private static final Pattern ADDRESS = Pattern.compile("[^\\s/@]{1,255}:[0-9]{1,5}");
    private static final int SECRET_BYTES = 32;

    /** A secret that nobody can guess. */
    public static String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Reads a token that somebody has typed or copied. */
    public static Invitation parse(String token) throws TrustException {
        Matcher parts = TEXT.matcher(token.strip());
        if (parts.matches()) {
            try {
                String address = new String(Base64.getUrlDecoder().decode(parts.group(1)),
                        StandardCharsets.UTF_8);
                if (ADDRESS.matcher(address).matches()) {
                    return new Invitation(address, parts.group(2), parts.group(3));
                }
            } catch (IllegalArgumentException _) {
                // No base64 after all: the sentence below says it.
            }
        }
        throw new TrustException("That is no invitation, or not all of it; copy the whole line that 'barn invite' has"
                + " printed.");
    }

    /** As it is handed over. */
    public String token() {
        String encoded = Base64.getUrlEncoder().withoutPadding()
                .encodeToString(address.getBytes(StandardCharsets.UTF_8));
        return "barn1." + encoded + "." + fingerprint + "." + secret;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "invitation to " + address;
    }
}
