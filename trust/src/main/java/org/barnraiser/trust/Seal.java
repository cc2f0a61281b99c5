package org.barnraiser.trust;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * A coordinator's signature under something that people keep, and who vouches for that coordinator. What is signed begins with what it is
 * for, so a seal for one purpose is none for another, and never a certificate or a part of a connection.
 *
 * @param certificate of the coordinator that has sealed
 * @param authority of its cluster
 */
public record Seal(X509Certificate certificate, X509Certificate authority, ByteString signature) {
    private static final String PREFIX = "Barnraiser seal";

    /**
     * Seals with a coordinator's own key.
     *
     * @param purpose published words without a NUL
     */
    public static Seal of(Credentials credentials, String purpose, byte[] content) {
        try {
            Signature signer = Signature.getInstance(SigningRequest.SIGNATURE);
            signer.initSign(credentials.key());
            signer.update(sealed(purpose, content));
            return new Seal(credentials.certificate(), credentials.authority(),
                    ByteString.copyFrom(signer.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A key that proves who one is can sign", e);
        }
    }

    /** By which people compare clusters. */
    public String fingerprint() {
        return Fingerprint.of(authority);
    }

    /**
     * Who has sealed this content. Whether the authority is the right one is for the caller to compare: by {@link #fingerprint}.
     *
     * @param at when the content says that it was sealed
     * @throws TrustException when it was not sealed for this purpose by a coordinator of the authority; the message says why
     */
    public Identity check(String purpose, byte[] content, Instant at) throws TrustException {
        try {
            var parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(at));
            CertPathValidator.getInstance("PKIX").validate(
                    CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)), parameters);
            Signature signer = Signature.getInstance(SigningRequest.SIGNATURE);
            signer.initVerify(certificate.getPublicKey());
            signer.update(sealed(purpose, content));
            if (!signer.verify(signature.toByteArray())) {
                throw new TrustException(
                        "The signature is not one of this content: it was changed, or belongs to another.");
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new TrustException("The signature does not hold: " + e.getMessage() + ".", e);
        }
        Identity signer = Identity.of(certificate)
                .orElseThrow(() -> new TrustException("The certificate in it names no member of a cluster."));
        if (signer.role() != Role.COORDINATOR) {
            throw new TrustException("It is signed by " + signer + ", and only coordinators may.");
        }
        return signer;
    }

    private static byte[] sealed(String purpose, byte[] content) {
        if (purpose.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a purpose has no NUL, which ends it");
        }
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes((PREFIX + '\0' + purpose + '\0').getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(content);
        return bytes.toByteArray();
    }
}
