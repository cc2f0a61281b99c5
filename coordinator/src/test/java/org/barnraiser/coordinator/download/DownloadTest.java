package org.barnraiser.coordinator.download;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.barnraiser.coordinator.download.UnreliableServer.Behaviour;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DownloadTest {
    private static final int CHUNK = 10_000;
    private static final int SIZE = 95_001;
    private static final DownloadSettings QUICK = new DownloadSettings(3, CHUNK, 4, Duration.ofMillis(1),
            Duration.ofMillis(20), Duration.ofMillis(300));

    @TempDir
    private Path folder;

    private final byte[] content = new byte[SIZE];
    private UnreliableServer server;
    private WebClient web;

    @BeforeEach
    void start() throws IOException {
        new Random(1).nextBytes(content);
        server = new UnreliableServer().give("/m.gguf", content);
        web = new WebClient(Optional.empty());
    }

    @AfterEach
    void stop() {
        web.close();
        server.close();
    }

    @Test
    void a_file_arrives_in_parallel_ranges_and_nothing_else_is_left() throws Exception {
        String sha256 = fetch(known());
        assertThat(sha256).isEqualTo(sha256(content));
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
        assertThat(names()).containsExactly("m.gguf");
        assertThat(server.requests()).as("one question and ten ranges").hasSize(11);
    }

    @Test
    void a_server_without_ranges_gives_the_whole() throws Exception {
        server.withoutRanges();
        fetch(known());
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
    }

    @Test
    void connections_that_drop_are_made_anew() throws Exception {
        Set<String> dropped = ConcurrentHashMap.newKeySet();
        server.behave((request, _) -> dropped.add(request.range())
                ? new Behaviour.DropAfter(5_000)
                : new Behaviour.Serve());
        fetch(known());
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
    }

    @Test
    void a_connection_that_brings_nothing_more_is_given_up() throws Exception {
        AtomicInteger stalls = new AtomicInteger();
        server.behave((request, _) -> request.range().startsWith("bytes=20000-") && stalls.getAndIncrement() == 0
                ? new Behaviour.StallAfter(100)
                : new Behaviour.Serve());
        fetch(known());
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
        assertThat(stalls.get()).isEqualTo(2);
    }

    @Test
    void a_server_that_asks_for_fewer_requests_is_asked_again_later() throws Exception {
        AtomicInteger refusals = new AtomicInteger();
        server.behave((_, _) -> refusals.getAndIncrement() % 3 == 0
                ? new Behaviour.Status(429, Map.of("Retry-After", "0"), "")
                : new Behaviour.Serve());
        fetch(known());
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
    }

    @Test
    void another_part_than_the_one_asked_for_is_never_taken() throws Exception {
        AtomicInteger lies = new AtomicInteger();
        server.behave((request, _) -> request.range().startsWith("bytes=10000-") && lies.getAndIncrement() < 2
                ? new Behaviour.ServeShifted(7)
                : new Behaviour.Serve());
        fetch(known());
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
        assertThat(lies.get()).isEqualTo(3);
    }

    @Test
    void what_has_arrived_survives_and_the_next_attempt_goes_on_from_there() throws Exception {
        server.behave((request, _) -> request.range().startsWith("bytes=50000-")
                ? new Behaviour.DropAfter(10)
                : new Behaviour.Serve());
        assertThatThrownBy(() -> fetch(known())).isInstanceOf(DownloadException.class)
                .hasMessageContaining("What has arrived is kept");
        assertThat(names()).containsExactlyInAnyOrder("m.gguf.part", "m.gguf.journal");
        int before = server.requests().size();
        server.behave((_, _) -> new Behaviour.Serve());
        fetch(known());
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
        assertThat(server.requests().size() - before).as("some of one question and ten ranges were there")
                .isLessThan(11);
    }

    @Test
    void a_part_that_was_damaged_on_disk_meanwhile_is_fetched_again() throws Exception {
        server.behave((request, _) -> request.range().startsWith("bytes=90000-")
                ? new Behaviour.Status(404, Map.of(), "")
                : new Behaviour.Serve());
        assertThatThrownBy(() -> fetch(known())).isInstanceOf(DownloadException.class);
        Path part = folder.resolve("m.gguf.part");
        byte[] bytes = Files.readAllBytes(part);
        bytes[5] ^= 1;
        Files.write(part, bytes);
        server.behave((_, _) -> new Behaviour.Serve());
        fetch(known());
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
    }

    @Test
    void a_journal_line_that_was_cut_off_by_a_crash_does_no_harm() throws Exception {
        server.behave((request, _) -> request.range().startsWith("bytes=90000-")
                ? new Behaviour.Status(404, Map.of(), "")
                : new Behaviour.Serve());
        assertThatThrownBy(() -> fetch(known())).isInstanceOf(DownloadException.class);
        Path journal = folder.resolve("m.gguf.journal");
        String lines = Files.readString(journal);
        Files.writeString(journal, lines.substring(0, lines.length() - 20));
        server.behave((_, _) -> new Behaviour.Serve());
        fetch(known());
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
    }

    @Test
    void a_file_that_changes_meanwhile_is_refused_and_nothing_is_left() {
        server.behave((request, _) -> {
            if (request.range().startsWith("bytes=40000-")) {
                server.version("\"v2\"");
            }
            return new Behaviour.Serve();
        });
        assertThatThrownBy(() -> fetch(RemoteFile.at(server.uri("/m.gguf")))).isInstanceOf(DownloadException.class)
                .hasMessageContaining("has changed at localhost");
        assertThat(names()).isEmpty();
    }

    @Test
    void a_damaged_file_is_refused_and_nothing_is_left() {
        server.behave((_, _) -> new Behaviour.ServeFlipped(33_333));
        assertThatThrownBy(() -> fetch(known())).isInstanceOf(DownloadException.class)
                .hasMessageContaining("arrived damaged").hasMessageContaining(sha256(content));
        assertThat(names()).isEmpty();
    }

    @Test
    void a_server_that_has_another_size_is_refused_before_anything_is_fetched() {
        RemoteFile other = new RemoteFile(server.uri("/m.gguf"), "m.gguf", OptionalLong.of(17), Optional.empty());
        assertThatThrownBy(() -> fetch(other)).isInstanceOf(DownloadException.class)
                .hasMessageContaining("95001 bytes").hasMessageContaining("17 were expected");
        assertThat(names()).isEmpty();
    }

    @Test
    void a_missing_file_is_said_to_be_missing() {
        assertThatThrownBy(() -> fetch(RemoteFile.at(server.uri("/no.gguf")))).isInstanceOf(DownloadException.class)
                .hasMessage("There is no no.gguf at localhost (HTTP 404); check the address.");
        assertThat(names()).isEmpty();
    }

    @Test
    void a_file_that_the_disk_has_no_room_for_is_refused_before_it_is_fetched_and_nothing_is_left() {
        server.behave((_, _) -> new Behaviour.Status(206,
                Map.of("Content-Range", "bytes 0-0/900000000000000000", "ETag", "\"v1\""), "x"));
        assertThatThrownBy(() -> fetch(RemoteFile.at(server.uri("/m.gguf")))).isInstanceOf(DownloadException.class)
                .hasMessageStartingWith("m.gguf needs 900000000.1 GB more in ")
                .hasMessageEndingWith("are free there; make room or choose another folder with --data.");
        assertThat(server.requests()).hasSize(1);
        assertThat(names()).isEmpty();
    }

    @Test
    void a_redirect_is_followed_and_a_token_stays_with_its_server() throws Exception {
        web.close();
        web = new WebClient(Optional.of(new WebClient.Token(server.uri("/"), "hf_secret")));
        server.behave((request, _) -> request.path().equals("/away")
                ? new Behaviour.Status(302, Map.of("Location", server.otherNameUri("/m.gguf").toString()), "")
                : new Behaviour.Serve());
        fetch(new RemoteFile(server.uri("/away"), "m.gguf", OptionalLong.empty(), Optional.of(sha256(content))));
        assertThat(folder.resolve("m.gguf")).hasBinaryContent(content);
        assertThat(server.requests()).filteredOn(request -> request.path().equals("/away"))
                .allMatch(request -> request.authorization().equals("Bearer hf_secret"));
        assertThat(server.requests()).filteredOn(request -> request.path().equals("/m.gguf")).isNotEmpty()
                .allMatch(request -> request.authorization().isEmpty());
    }

    @Test
    void redirects_in_circles_are_given_up() {
        server.behave((_, _) -> new Behaviour.Status(302, Map.of("Location", "/m.gguf"), ""));
        assertThatThrownBy(() -> fetch(known())).isInstanceOf(DownloadException.class)
                .hasMessageContaining("redirects in circles");
    }

    @Test
    void a_redirect_to_something_that_is_no_web_address_is_refused() {
        server.behave((_, _) -> new Behaviour.Status(302, Map.of("Location", "file:///etc/passwd"), ""));
        assertThatThrownBy(() -> fetch(known())).isInstanceOf(DownloadException.class)
                .hasMessageContaining("no web address");
    }

    private RemoteFile known() {
        return new RemoteFile(server.uri("/m.gguf"), "m.gguf", OptionalLong.of(SIZE), Optional.of(sha256(content)));
    }

    private String fetch(RemoteFile file) throws DownloadException, InterruptedException {
        return new Download(web, QUICK, (_, _, _) -> {}).fetch(file, folder.resolve("m.gguf"));
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
