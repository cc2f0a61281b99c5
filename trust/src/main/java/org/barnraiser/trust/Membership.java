package org.barnraiser.trust;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * What a machine keeps of its membership in its data folder.
 *
 * @param coordinator {@code host:port} of who renews the certificate
 * @param zooKeeper {@code host:port[,host:port…]}
 */
public record Membership(Credentials credentials, String coordinator, String zooKeeper) {
    /** Key and certificates in one file, so that they always fit each other. */
    private static final String MEMBER = "member.pem";
    private static final String CLUSTER = "cluster.properties";

    /** What is in the folder; empty when this machine has not joined a cluster. */
    public static Optional<Membership> read(Path folder) throws TrustException {
        PrivateFolder files = PrivateFolder.at(folder);
        if (!files.has(CLUSTER)) {
            return Optional.empty();
        }
        var cluster = new Properties();
        try {
            cluster.load(new StringReader(new String(files.read(CLUSTER), StandardCharsets.UTF_8)));
        } catch (IOException | IllegalArgumentException e) {
            throw new TrustException(folder.resolve(CLUSTER) + " cannot be read: " + e.getMessage()
                    + "; restore it from a backup, or join again.", e);
        }
        return Optional.of(new Membership(readCredentials(files), cluster.getProperty("coordinator", ""),
                cluster.getProperty("zookeeper", "")));
    }

    /** Connections that show these credentials; ZooKeeper's client reads them from the same file, so the key is in one place. */
    public SecureLinks links(Path folder) {
        return new SecureLinks(credentials).keptIn(folder.resolve(MEMBER));
    }

    static Credentials readCredentials(PrivateFolder files) throws TrustException {
        return new Credentials(files.readKey(MEMBER), files.readCertificate(MEMBER, 1),
                files.readCertificate(MEMBER, 2));
    }

    static boolean holdsCredentials(PrivateFolder files) {
        return files.has(MEMBER);
    }

    static void writeCredentials(PrivateFolder files, Credentials credentials) throws IOException {
        files.writePem(MEMBER, credentials.key(), credentials.certificate(), credentials.authority());
    }

    /** Keeps it, for this machine's owner alone. */
    public void write(Path folder) throws TrustException {
        var cluster = new Properties();
        cluster.setProperty("coordinator", coordinator);
        cluster.setProperty("zookeeper", zooKeeper);
        var text = new StringWriter();
        try {
            cluster.store(text, null);
            PrivateFolder files = PrivateFolder.at(folder).create();
            writeCredentials(files, credentials);
            files.write(CLUSTER, text.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new TrustException("The certificate cannot be kept in " + folder + ": " + e.getMessage() + ".", e);
        }
    }
}
