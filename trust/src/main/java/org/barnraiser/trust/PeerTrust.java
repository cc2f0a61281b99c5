package org.barnraiser.trust;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Believes members of the cluster in the roles that are wanted, as long as they have not been removed. Names of hosts mean nothing here:
 * machines of a club change their addresses, and who a member is stands in its certificate.
 */
final class PeerTrust extends ChainTrust {
    private final X509TrustManager path;
    private final Revocations revocations;
    private final Set<Role> wanted;
    private final Refusals refusals;

    PeerTrust(X509Certificate authority, Revocations revocations, Set<Role> wanted, Refusals refusals) {
        path = pathFrom(authority);
        this.revocations = revocations;
        this.wanted = Set.copyOf(wanted);
        this.refusals = refusals;
    }

    private static X509TrustManager pathFrom(X509Certificate authority) {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            anchors.setCertificateEntry("authority", authority);
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(anchors);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("Every Java can trust one certificate", e);
        }
    }

    private interface PathCheck {
        void run() throws CertificateException;
    }

    private void check(X509Certificate[] chain, PathCheck pathCheck) throws CertificateException {
        try {
            pathCheck.run();
            Identity peer = Identity.of(chain[0]).orElseThrow(
                    () -> new CertificateException("it names no member"));
            if (!wanted.contains(peer.role())) {
                throw new CertificateException("it is of " + peer + ", whose place this is not");
            }
            if (revocations.isRevoked(chain[0])) {
                throw new CertificateException(peer + " was removed from the cluster");
            }
        } catch (CertificateException e) {
            refusals.tell("A connection was refused for its certificate: " + reason(e) + ".");
            throw e;
        }
    }

    private static String reason(CertificateException e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, () -> path.checkClientTrusted(chain, authType));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, () -> path.checkServerTrusted(chain, authType));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return path.getAcceptedIssuers();
    }
}
