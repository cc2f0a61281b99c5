package org.barnraiser.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/** A certificate with its chain and its key, as web servers have them in PEM files, read for Java. */
public final class PemKeyStore {
    /** It never leaves this process's memory. */
    private static final char[] NO_PASSWORD = {};

    private PemKeyStore() {}

    /**
     * Reads both files.
     *
     * @param certificates the server's own first, then those that vouch for it
     * @return a key store without a password
     * @throws TrustException when a file cannot be read, or the two do not belong together
     */
    public static KeyStore read(Path certificates, Path key) throws TrustException {
        PrivateFolder folder = PrivateFolder.at(Path.of(""));
        List<X509Certificate> chain = folder.readCertificates(certificates.toString());
        PrivateKey secret = folder.readKey(key.toString());
        try {
            requirePair(chain.getFirst(), secret, certificates, key);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry("server", secret, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new TrustException("The certificate in " + certificates + " cannot be used: " + e.getMessage() + ".",
                    e);
        }
    }

    private static void requirePair(X509Certificate certificate, PrivateKey key, Path certificates, Path keyFile)
            throws GeneralSecurityException, TrustException {
        String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        byte[] anything = new byte[32];
        new SecureRandom().nextBytes(anything);
        if (certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())) {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(anything);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(anything);
            if (signature.verify(signed)) {
                return;
            }
        }
        throw new TrustException("The key in " + keyFile + " is not the one of the certificate in " + certificates
                + "; give the two that belong together.");
    }
}
