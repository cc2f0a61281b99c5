package org.barnraiser.trust;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/**
 * What a member shows to others, and what it believes.
 *
 * @param key of its own, which never leaves its machine
 * @param certificate says who it is
 * @param authority whose certificates are believed
 */
public record Credentials(PrivateKey key, X509Certificate certificate, X509Certificate authority) {

    /** Who this member is. */
    public Identity identity() {
        return Identity.of(certificate)
                .orElseThrow(() -> new IllegalStateException("The certificate names no member of a cluster"));
    }

    /** Two thirds into its life a certificate is to be replaced, which leaves time to try again. */
    public Instant renewal() {
        Instant end = certificate.getNotAfter().toInstant();
        Duration life = Duration.between(certificate.getNotBefore().toInstant(), end);
        return end.minus(life.dividedBy(3));
    }

    X509Certificate[] chain() {
        return new X509Certificate[]{certificate, authority};
    }

    /** Names the key's owner, and never the key. */
    @Override
    public String toString() {
        return "credentials of " + identity();
    }
}
