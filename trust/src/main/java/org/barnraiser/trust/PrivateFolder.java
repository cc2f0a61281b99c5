package org.barnraiser.trust;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/** Keys and certificates on disk, as PEM, which nobody but their owner may read. A file is replaced as a whole or not at all. */
final class PrivateFolder {
    private static final boolean POSIX = Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix");

    private final Path folder;

    private PrivateFolder(Path folder) {
        this.folder = folder;
    }

    static PrivateFolder at(Path folder) {
        return new PrivateFolder(folder);
    }

    PrivateFolder create() throws IOException {
        Path parent = folder.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder, only("rwx------"));
        }
        return this;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    boolean has(String name) {
        return Files.isRegularFile(path(name));
    }

    byte[] read(String name) throws IOException {
        return Files.readAllBytes(path(name));
    }

    /** Replaces the file; after a crash it is the old one or the new one. */
    void write(String name, byte[] content) throws IOException {
        Path written = path(name + ".new");
        Files.deleteIfExists(written);
        Files.createFile(written, only("rw-------"));
        try (FileChannel file = FileChannel.open(written, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                int _ = file.write(bytes);
            }
            file.force(true);
        }
        Files.move(written, path(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static FileAttribute<?>[] only(String permissions) {
        return POSIX
                ? new FileAttribute<?>[]{PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }

    /** Writes keys and certificates in this order. */
    void writePem(String name, Object... parts) throws IOException {
        write(name, pem(parts).getBytes(StandardCharsets.US_ASCII));
    }

    /** Keys and certificates as text. */
    static String pem(Object... parts) throws IOException {
        var text = new StringWriter();
        try (var pem = new JcaPEMWriter(text)) {
            for (Object part : parts) {
                pem.writeObject(part instanceof PrivateKey key ? new JcaPKCS8Generator(key, null) : part);
            }
        }
        return text.toString();
    }

    /** The first part of the file, which is a key. */
    PrivateKey readKey(String name) throws TrustException {
        return switch (readPem(name).getFirst()) {
            case PrivateKeyInfo info -> key(name, info);
            case PEMKeyPair pair -> key(name, pair.getPrivateKeyInfo());
            default -> throw new TrustException(path(name) + " does not begin with a private key without a password.");
        };
    }

    private PrivateKey key(String name, PrivateKeyInfo info) throws TrustException {
        try {
            return new JcaPEMKeyConverter().getPrivateKey(info);
        } catch (IOException e) {
            throw new TrustException(path(name) + " holds a key that cannot be read.", e);
        }
    }

    /** A certificate in the file, by its place. */
    X509Certificate readCertificate(String name, int place) throws TrustException {
        List<Object> parts = readPem(name);
        if (place >= parts.size()) {
            throw new TrustException(path(name) + " lacks a certificate.");
        }
        return certificate(name, parts.get(place));
    }

    /** All that is in the file, which holds certificates alone; at least one. */
    List<X509Certificate> readCertificates(String name) throws TrustException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Object part : readPem(name)) {
            certificates.add(certificate(name, part));
        }
        return certificates;
    }

    private X509Certificate certificate(String name, Object part) throws TrustException {
        if (!(part instanceof X509CertificateHolder certificate)) {
            throw new TrustException(path(name) + " holds something else than a certificate.");
        }
        try {
            return new JcaX509CertificateConverter().getCertificate(certificate);
        } catch (CertificateException e) {
            throw new TrustException(path(name) + " holds a certificate that cannot be read.", e);
        }
    }

    /** At least one. */
    private List<Object> readPem(String name) throws TrustException {
        List<Object> parts = new ArrayList<>();
        try (var pem = new PEMParser(new StringReader(Files.readString(path(name), StandardCharsets.US_ASCII)))) {
            for (Object part = pem.readObject(); part != null; part = pem.readObject()) {
                parts.add(part);
            }
        } catch (IOException e) {
            throw new TrustException(path(name) + " cannot be read: " + e.getMessage()
                    + "; if it was damaged, restore it from a backup.", e);
        }
        if (parts.isEmpty()) {
            throw new TrustException(path(name) + " holds no PEM; if it was damaged, restore it from a backup.");
        }
        return parts;
    }
}
