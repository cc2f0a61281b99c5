package org.barnraiser.coordinator.api;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Credentials;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.TrustException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class HttpsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String REQUEST = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    private static final int SOCKET_MILLIS = 30_000;

    @TempDir
    private Path folder;

    private Authority authority;
    private Credentials first;
    private ServerCertificate certificate;
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        authority = Authority.openOrCreate(folder.resolve("authority"), InstantSource.system());
        first = credentials();
        write(first, Instant.now().minusSeconds(60));
        certificate = ServerCertificate.of(folder.resolve("cert.pem"), folder.resolve("key.pem"));
        server = new HttpServer(HttpServerConfig.onPort(0), new ScriptedModel(), ApiTestServer::status)
                .withCertificate(certificate).start();
    }

    @AfterEach
    void stop() {
        server.close();
        certificate.close();
    }

    private Credentials credentials() throws TrustException {
        return authority.credentials(new Identity(Role.COORDINATOR, "hall"), Duration.ofDays(1));
    }

    private void write(Credentials credentials, Instant time) throws Exception {
        write("cert.pem", "CERTIFICATE", credentials.certificate().getEncoded(), time);
        write("key.pem", "PRIVATE KEY", credentials.key().getEncoded(), time);
    }

    private void write(String name, String what, byte[] der, Instant time) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what + "-----\n");
        Files.setLastModifiedTime(file, FileTime.from(time));
    }

    /** The certificate that a reader sees who asks something and is answered. */
    private Certificate seen(String... protocols) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[]{new Anybody()}, new SecureRandom());
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(SOCKET_MILLIS);
            socket.setEnabledProtocols(protocols);
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200");
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void readers_are_answered_and_see_the_certificate() throws Exception {
        assertThat(seen("TLSv1.3")).isEqualTo(first.certificate());
        assertThat(seen("TLSv1.2")).isEqualTo(first.certificate());
    }

    @Test
    void what_is_no_tls_or_an_older_one_is_refused_and_others_are_answered() throws Exception {
        // TLS 1.0, with a cipher suite of its time.
        byte[] hello = new byte[50];
        byte[] start = {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1};
        byte[] end = {0, 0, 2, (byte) 0xc0, 0x09, 1, 0};
        System.arraycopy(start, 0, hello, 0, start.length);
        System.arraycopy(end, 0, hello, hello.length - end.length, end.length);
        for (byte[] bytes : new byte[][]{hello, REQUEST.getBytes(StandardCharsets.US_ASCII)}) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.setSoTimeout(SOCKET_MILLIS);
                socket.getOutputStream().write(bytes);
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                assertThat(answer).doesNotContain("HTTP/1.1 200");
            }
        }
        assertThat(seen("TLSv1.3")).isEqualTo(first.certificate());
    }

    @Test
    void a_new_certificate_is_shown_without_a_restart_and_a_damaged_one_is_not() throws Exception {
        Credentials second = credentials();
        write(second, Instant.now().minusSeconds(30));
        await().atMost(PATIENCE).until(() -> seen("TLSv1.3").equals(second.certificate()));
        write("cert.pem", "CERTIFICATE", new byte[]{1, 2, 3}, Instant.now().minusSeconds(20));
        Credentials third = credentials();
        write("key.pem", "PRIVATE KEY", third.key().getEncoded(), Instant.now().minusSeconds(15));
        assertThat(seen("TLSv1.3")).isEqualTo(second.certificate());
        write(third, Instant.now().minusSeconds(10));
        await().atMost(PATIENCE).until(() -> seen("TLSv1.3").equals(third.certificate()));
    }

    @Test
    void a_key_of_another_certificate_is_refused_in_one_sentence() throws Exception {
        write("key.pem", "PRIVATE KEY", credentials().key().getEncoded(), Instant.now());
        assertThatExceptionOfType(TrustException.class)
                .isThrownBy(() -> ServerCertificate.of(folder.resolve("cert.pem"), folder.resolve("key.pem")).close())
                .withMessageContaining("belong together");
        assertThatExceptionOfType(TrustException.class)
                .isThrownBy(() -> ServerCertificate.of(folder.resolve("none.pem"), folder.resolve("key.pem")).close())
                .withMessageContaining("none.pem");
    }

    /** Believes whoever answers; the test looks at the certificate itself. */
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
