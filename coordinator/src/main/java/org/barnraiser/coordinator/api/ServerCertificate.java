package org.barnraiser.coordinator.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.util.List;
import org.barnraiser.trust.PemKeyStore;
import org.barnraiser.trust.TrustException;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that readers see. Its files are looked at every few seconds, and what is new in them serves new connections; while
 * they hold nothing that can be used, the last that could be is served on.
 */
public final class ServerCertificate implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);
    private static final long LOOK_MILLIS = 2_000;

    private final Path certificate;
    private final Path key;
    private final SslContextFactory.Server factory = new SslContextFactory.Server();
    private final Thread watch = Thread.ofVirtual().name("https-certificate").unstarted(this::watch);
    /** Used by the watching thread once it runs. */
    private List<FileTime> seen;

    private ServerCertificate(Path certificate, Path key) throws TrustException {
        this.certificate = certificate;
        this.key = key;
        seen = times();
        show(factory, PemKeyStore.read(certificate, key));
        factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    }

    /**
     * Reads the files, and watches them from then on.
     *
     * @param certificate PEM, the server's own first, then those that vouch for it
     * @param key PEM, without a password
     */
    public static ServerCertificate of(Path certificate, Path key) throws TrustException {
        var served = new ServerCertificate(certificate, key);
        served.watch.start();
        return served;
    }

    SslContextFactory.Server factory() {
        return factory;
    }

    private static void show(SslContextFactory to, KeyStore store) {
        to.setKeyStore(store);
        to.setKeyStorePassword("");
        to.setKeyManagerPassword("");
    }

    private List<FileTime> times() throws TrustException {
        try {
            return List.of(Files.getLastModifiedTime(certificate), Files.getLastModifiedTime(key));
        } catch (IOException e) {
            throw new TrustException("The certificate's file is not there: " + e.getMessage() + ".", e);
        }
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(LOOK_MILLIS);
                look();
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private void look() throws InterruptedException {
        try {
            List<FileTime> now = times();
            if (!now.equals(seen)) {
                seen = now;
                KeyStore store = PemKeyStore.read(certificate, key);
                factory.reload(changed -> show(changed, store));
                LOG.info("Readers see the certificate that is new in {}.", certificate);
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (TrustException e) {
            LOG.warn("Readers go on seeing the certificate from before: {}", e.getMessage());
        } catch (Exception e) { // which is what Jetty declares
            LOG.warn("Readers may go on seeing the certificate from before: {}", e.toString());
        }
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
