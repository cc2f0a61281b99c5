package org.barnraiser.trust;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.jspecify.annotations.Nullable;

/**
 * The newest list of certificates that are not believed any more. It is signed by the authority and numbered, so it may come by any
 * way: a list of others, or an older one, is not taken. Thread-safe.
 */
public final class Revocations {
    static final int MAX_BYTES = 512 << 10;

    private final X509Certificate authority;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    /** Written under this. */
    private volatile @Nullable X509CRL newest;

    /** Nothing is revoked yet, as far as is known here. */
    public Revocations(X509Certificate authority) {
        this.authority = authority;
    }

    /** Called after each newer list, on the thread that brought it. */
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Takes a newer list; says whether it was one.
     *
     * @param der from anywhere
     * @throws TrustException when it is no list of this authority
     */
    public boolean accept(byte[] der) throws TrustException {
        X509CRL list = verified(der);
        synchronized (this) {
            X509CRL present = newest;
            if (present != null && number(list).compareTo(number(present)) <= 0) {
                return false;
            }
            newest = list;
        }
        listeners.forEach(Runnable::run);
        return true;
    }

    private X509CRL verified(byte[] der) throws TrustException {
        if (der.length > MAX_BYTES) {
            throw new TrustException("A list of removed machines is larger than " + MAX_BYTES + " bytes.");
        }
        try {
            X509CRL list = parse(der);
            list.verify(authority.getPublicKey());
            return list;
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new TrustException("A list of removed machines is not from this cluster's authority.", e);
        }
    }

    /** The list as it came; empty while there was none. */
    public byte[] newest() {
        X509CRL list = newest;
        try {
            return list == null ? new byte[0] : list.getEncoded();
        } catch (CRLException e) {
            throw new IllegalStateException("A list that was read can be written", e);
        }
    }

    boolean isRevoked(X509Certificate certificate) {
        X509CRL list = newest;
        return list != null && list.getRevokedCertificate(certificate.getSerialNumber()) != null;
    }

    static X509CRL parse(byte[] der) throws GeneralSecurityException {
        return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
    }

    static BigInteger number(X509CRL list) {
        byte[] value = list.getExtensionValue(Extension.cRLNumber.getId());
        return value == null
                ? BigInteger.ZERO
                : ASN1Integer.getInstance(ASN1OctetString.getInstance(value).getOctets()).getValue();
    }
}
