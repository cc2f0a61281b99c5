package org.barnraiser.trust;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The cluster's certificate authority: its key lies in one coordinator's data folder and signs who is a member, and who is no longer.
 * Several processes may use one folder, as a command beside a running coordinator does; they take turns. Thread-safe.
 */
public final class Authority {
    private static final String AUTHORITY = "authority.pem";
    private static final String REVOKED = "revoked.crl";
    private static final Duration LIFE = Duration.ofDays(20 * 365);
    /** Clocks differ; a certificate counts a little before it was made. */
    private static final Duration MAX_SKEW = Duration.ofHours(1);
    private static final int SERIAL_BITS = 120;
    /** So long others' certificates stay on the list; their end is not in it. */
    private static final Duration REMEMBERED = Duration.ofDays(365);
    /** The lock on the folder is one between processes, and Java refuses it to a second thread. */
    private static final Object IN_THIS_PROCESS = new Object();

    private final PrivateFolder files;
    private final IssuedList issued;
    private final PrivateKey key;
    private final X509Certificate certificate;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    private Authority(PrivateFolder files, InstantSource clock) throws TrustException {
        this.files = files;
        this.clock = clock;
        issued = new IssuedList(files);
        key = files.readKey(AUTHORITY);
        certificate = files.readCertificate(AUTHORITY, 1);
    }

    /** The authority whose key is in this folder; empty when there is none. */
    public static Optional<Authority> open(Path folder, InstantSource clock) throws TrustException {
        PrivateFolder files = PrivateFolder.at(folder);
        return files.has(AUTHORITY) ? Optional.of(new Authority(files, clock)) : Optional.empty();
    }

    /** The same; makes one when there is none. */
    public static Authority openOrCreate(Path folder, InstantSource clock) throws TrustException {
        try {
            PrivateFolder files = PrivateFolder.at(folder).create();
            synchronized (IN_THIS_PROCESS) {
                try (FileChannel _ = lock(files)) {
                    if (!files.has(AUTHORITY)) {
                        KeyPair keys = SigningRequest.newKeys();
                        files.writePem(AUTHORITY, keys.getPrivate(), selfSigned(keys, clock.instant()));
                    }
                }
            }
            return new Authority(files, clock);
        } catch (IOException e) {
            throw new TrustException("The cluster's authority cannot be kept in " + folder + ": " + e.getMessage()
                    + "; check that the folder can be written.", e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("A certificate can always be made of a new key", e);
        }
    }

    /** A new authority as PEM, for who keeps it elsewhere than in a folder, such as in a Secret of Kubernetes. */
    public static String newPem(InstantSource clock) {
        try {
            KeyPair keys = SigningRequest.newKeys();
            return PrivateFolder.pem(keys.getPrivate(), selfSigned(keys, clock.instant()));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("A certificate can always be made of a new key", e);
        }
    }

    /**
     * Puts such an authority into this folder, unless it is there already.
     *
     * @throws TrustException when it is none, or the folder has another
     */
    public static void adopt(Path folder, Path pem) throws TrustException {
        PrivateFolder files = PrivateFolder.at(folder);
        PrivateFolder given = PrivateFolder.at(pem.toAbsolutePath().resolveSibling(""));
        String name = String.valueOf(pem.getFileName());
        var _ = given.readKey(name);
        X509Certificate wanted = given.readCertificate(name, 1);
        try {
            synchronized (IN_THIS_PROCESS) {
                try (FileChannel _ = lock(files.create())) {
                    if (!files.has(AUTHORITY)) {
                        files.write(AUTHORITY, given.read(name));
                    } else if (!files.readCertificate(AUTHORITY, 1).equals(wanted)) {
                        throw new TrustException(folder + " keeps another authority than " + pem
                                + "; move that folder away, or leave the other one out.");
                    }
                }
            }
        } catch (IOException e) {
            throw new TrustException("The cluster's authority cannot be kept in " + folder + ": " + e.getMessage()
                    + "; check that the folder can be written.", e);
        }
    }

    private static X509Certificate selfSigned(KeyPair keys, Instant now)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        X500Name name = new X500Name("O=Barnraiser,CN=authority " + Long.toHexString(new SecureRandom().nextLong()));
        var builder = new JcaX509v3CertificateBuilder(name, BigInteger.ONE, Date.from(now.minus(MAX_SKEW)),
                Date.from(now.plus(LIFE)), name, keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(Extension.subjectKeyIdentifier, false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer(keys.getPrivate())));
    }

    private static ContentSigner signer(PrivateKey key) throws OperatorCreationException {
        return new JcaContentSignerBuilder(SigningRequest.SIGNATURE).build(key);
    }

    private static FileChannel lock(PrivateFolder files) throws IOException {
        FileChannel channel = FileChannel.open(files.path("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.lock();
        return channel;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** New credentials for a member of this very machine. */
    public Credentials credentials(Identity identity, Duration life) throws TrustException {
        SigningRequest request = SigningRequest.of(identity);
        return new Credentials(request.keys().getPrivate(), issue(identity, request.der(), life), certificate);
    }

    /**
     * The first certificate of a member that comes from outside.
     *
     * @param request PKCS #10
     * @return empty when a member has that id already
     */
    public Optional<X509Certificate> admit(Identity identity, ByteString request, Duration life) throws TrustException {
        PublicKey requested = SigningRequest.check(request);
        return locked(() -> issued.isMember(identity.id(), clock.instant())
                ? Optional.empty()
                : Optional.of(sign(identity, requested, life)));
    }

    /** A further certificate of a member. */
    public X509Certificate issue(Identity identity, ByteString request, Duration life) throws TrustException {
        PublicKey requested = SigningRequest.check(request);
        return locked(() -> sign(identity, requested, life));
    }

    private X509Certificate sign(Identity identity, PublicKey subject, Duration life)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        Instant now = clock.instant();
        Duration tenth = life.dividedBy(10);
        Instant end = now.plus(life);
        BigInteger serial = new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS);
        var builder = new JcaX509v3CertificateBuilder(new JcaX509CertificateHolder(certificate).getSubject(), serial,
                Date.from(now.minus(tenth.compareTo(MAX_SKEW) < 0 ? tenth : MAX_SKEW)), Date.from(end),
                identity.subject(), subject);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false,
                new ExtendedKeyUsage(new KeyPurposeId[]{KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
        X509Certificate made = new JcaX509CertificateConverter().getCertificate(builder.build(signer(key)));
        issued.add(new IssuedList.Entry(serial, identity, end, false), now);
        return made;
    }

    /**
     * From now on no certificate of this member counts. Says whether there was one.
     *
     * @param id of a member, whatever its role
     */
    public boolean revoke(String id) throws TrustException {
        return locked(() -> {
            Instant now = clock.instant();
            if (!issued.isMember(id, now)) {
                return false;
            }
            issued.revoke(id, now);
            writeRevocations(now);
            return true;
        });
    }

    private void writeRevocations(Instant now)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        Set<BigInteger> known = issued.serials();
        Map<BigInteger, Date> listed = new TreeMap<>();
        Optional<X509CRL> before = list();
        // Of those that another coordinator or an earlier data folder has signed, it is not known when they end.
        before.ifPresent(list -> entries(list).forEach((serial, since) -> {
            if (!known.contains(serial) && since.toInstant().plus(REMEMBERED).isAfter(now)) {
                listed.put(serial, since);
            }
        }));
        issued.revoked(now).forEach(entry -> listed.put(entry.serial(), Date.from(now)));
        write(listed, before.map(Revocations::number).orElse(BigInteger.ZERO), now);
    }

    /**
     * Takes over what others with this authority's key have taken back, so that lists never lose what was once in them.
     *
     * @param der a list that is signed by this authority
     */
    public void learn(byte[] der) throws TrustException {
        locked(() -> {
            X509CRL theirs = Revocations.parse(der);
            theirs.verify(certificate.getPublicKey());
            Optional<X509CRL> ours = list();
            Map<BigInteger, Date> all = new TreeMap<>(ours.map(Authority::entries).orElse(Map.of()));
            int before = all.size();
            entries(theirs).forEach(all::putIfAbsent);
            if (all.size() == entries(theirs).size()) {
                if (ours.isEmpty() || Revocations.number(theirs).compareTo(Revocations.number(ours.get())) > 0) {
                    files.write(REVOKED, der);
                }
            } else if (all.size() > before) {
                BigInteger number = ours.map(Revocations::number).orElse(BigInteger.ZERO);
                write(all, number.max(Revocations.number(theirs)), clock.instant());
            }
            return all.size();
        });
    }

    private Optional<X509CRL> list() throws IOException, GeneralSecurityException {
        return files.has(REVOKED) ? Optional.of(Revocations.parse(files.read(REVOKED))) : Optional.empty();
    }

    /** Serials, and since when they do not count. */
    private static Map<BigInteger, Date> entries(X509CRL list) {
        Map<BigInteger, Date> entries = new TreeMap<>();
        Set<? extends X509CRLEntry> all = list.getRevokedCertificates();
        if (all != null) {
            all.forEach(entry -> entries.put(entry.getSerialNumber(), entry.getRevocationDate()));
        }
        return entries;
    }

    private void write(Map<BigInteger, Date> listed, BigInteger after, Instant now)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        var list = new JcaX509v2CRLBuilder(certificate, Date.from(now)).setNextUpdate(Date.from(now.plus(LIFE)));
        listed.forEach((serial, since) -> list.addCRLEntry(serial, since, CRLReason.privilegeWithdrawn));
        // It grows, whatever becomes of the clock.
        BigInteger number = BigInteger.valueOf(now.toEpochMilli()).max(after.add(BigInteger.ONE));
        list.addExtension(Extension.cRLNumber, false, new CRLNumber(number));
        files.write(REVOKED, list.build(signer(key)).getEncoded());
    }

    /**
     * How a member's newest certificate stands.
     *
     * @param end after which it does not count
     * @param removed whether it was taken back
     */
    public record Standing(Identity identity, Instant end, boolean removed) {}

    /** All members whose newest certificate still counts, and those that were removed. */
    public List<Standing> members() throws TrustException {
        try {
            return issued.newest().stream()
                    .filter(entry -> entry.revoked() || entry.end().isAfter(clock.instant()))
                    .map(entry -> new Standing(entry.identity(), entry.end(), entry.revoked())).toList();
        } catch (IOException e) {
            throw new TrustException("The list of certificates in " + files.path("") + " cannot be read: "
                    + e.getMessage() + ".", e);
        }
    }

    /** The signed list of certificates that do not count any more; empty while nobody was ever removed. */
    public Optional<byte[]> revocations() throws TrustException {
        try {
            return files.has(REVOKED) ? Optional.of(files.read(REVOKED)) : Optional.empty();
        } catch (IOException e) {
            throw new TrustException(files.path(REVOKED) + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    private interface Work<T> {
        T get() throws IOException, GeneralSecurityException, OperatorCreationException;
    }

    private <T> T locked(Work<T> work) throws TrustException {
        try {
            synchronized (IN_THIS_PROCESS) {
                try (FileChannel _ = lock(files)) {
                    return work.get();
                }
            }
        } catch (IOException e) {
            throw new TrustException("The list of certificates in " + files.path("") + " cannot be kept: "
                    + e.getMessage() + "; check that the folder can be written.", e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new TrustException("The cluster's authority cannot sign.", e);
        }
    }
}
