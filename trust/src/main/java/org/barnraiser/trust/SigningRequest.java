package org.barnraiser.trust;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A new key and the request for its certificate.
 *
 * @param der PKCS #10
 */
record SigningRequest(KeyPair keys, ByteString der) {
    static final String SIGNATURE = "SHA256withECDSA";
    private static final int MAX_BYTES = 8 << 10;
    private static final int KEY_BITS = 256;

    static SigningRequest of(Identity identity) {
        KeyPair keys = newKeys();
        try {
            ContentSigner signer = new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate());
            return new SigningRequest(keys, ByteString.copyFrom(new JcaPKCS10CertificationRequestBuilder(
                    identity.subject(), keys.getPublic()).build(signer).getEncoded()));
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("A request can always be made of a new key", e);
        }
    }

    static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has elliptic curves", e);
        }
    }

    /** The key that a request from outside is for; what it says of its subject is not looked at. */
    static PublicKey check(ByteString der) throws TrustException {
        if (der.size() > MAX_BYTES) {
            throw new TrustException("The request for a certificate is larger than " + MAX_BYTES + " bytes.");
        }
        try {
            var request = new JcaPKCS10CertificationRequest(der.toByteArray());
            PublicKey key = request.getPublicKey();
            if (key instanceof ECPublicKey ec && ec.getParams().getCurve().getField().getFieldSize() == KEY_BITS
                    && request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                return key;
            }
            throw new TrustException("The request for a certificate is not signed by a P-256 key of its own.");
        } catch (IOException | GeneralSecurityException | OperatorCreationException | PKCSException
                | RuntimeException e) {
            throw new TrustException("The request for a certificate cannot be read.", e);
        }
    }
}
