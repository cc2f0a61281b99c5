package org.barnraiser.trust;

import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Believes the coordinator of the one cluster whose authority has the fingerprint of an invitation, before its certificate is known here. */
final class FirstContact extends ChainTrust {
    private final String fingerprint;
    private volatile @Nullable String refusal;

    FirstContact(String fingerprint) {
        this.fingerprint = fingerprint;
    }

    /** Why the other side was not believed, one sentence; null when it was, or was not reached. */
    @Nullable
    String refusal() {
        return refusal;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        X509Certificate authority = chain[chain.length - 1];
        if (!Fingerprint.of(authority).equals(fingerprint)) {
            throw refused("What answers there is not the coordinator that made this invitation: its cluster has another"
                    + " fingerprint.", null);
        }
        try {
            new PeerTrust(authority, new Revocations(authority), Set.of(Role.COORDINATOR), new Refusals())
                    .checkServerTrusted(chain, authType);
        } catch (CertificateException e) {
            throw refused("What answers there has no certificate of a coordinator that is good now; if it should, look"
                    + " at both machines' clocks.", e);
        }
    }

    private CertificateException refused(String sentence, @Nullable GeneralSecurityException cause) {
        refusal = sentence;
        return new CertificateException(sentence, cause);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("Nobody calls a machine that is just joining");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
