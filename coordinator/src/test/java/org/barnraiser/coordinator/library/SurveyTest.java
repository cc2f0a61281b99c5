package org.barnraiser.coordinator.library;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.barnraiser.coordinator.download.DownloadSettings;
import org.barnraiser.coordinator.download.UnreliableServer;
import org.barnraiser.coordinator.download.UnreliableServer.Behaviour;
import org.barnraiser.coordinator.download.UnreliableServer.Request;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.hash.LastingSha256;
import org.barnraiser.coordinator.library.SurveyJournal.Reached;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A model that is read once from a web server and not kept: what has gone by counts, whatever happens in between. */
class SurveyTest {
    private static final int RANGE_BYTES = 50_000;
    private static final DownloadSettings QUICK = new DownloadSettings(2, RANGE_BYTES, 2, Duration.ofMillis(1),
            Duration.ofMillis(10), Duration.ofSeconds(5));

    @TempDir
    private Path data;
    private byte[] gguf = new byte[0];
    private UnreliableServer server;

    @BeforeEach
    void start() throws Exception {
        try (InputStream demo = SurveyTest.class
                .getResourceAsStream("/org/barnraiser/coordinator/cli/barnraiser-demo.gguf")) {
            gguf = demo == null ? new byte[0] : demo.readAllBytes();
        }
        server = new UnreliableServer().give("/demo.gguf", gguf);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** The other process: reads the model at an address into a data folder. */
    static final class Reader {
        private Reader() {}

        public static void main(String[] arguments) throws Exception {
            add(Path.of(arguments[0]), arguments[1]);
        }
    }

    @Test
    void an_interrupted_reading_goes_on_from_the_last_tensor_that_was_whole() throws Exception {
        server.behave((request, _) -> start(request) > gguf.length * 3L / 4
                ? new Behaviour.DropAfter(10)
                : new Behaviour.Serve());
        assertThatThrownBy(this::add).isInstanceOf(LibraryException.class)
                .hasMessageContaining("the same command goes on from there");
        assertThat(leftOver()).as("the journal alone").hasSize(1);
        requireGoesOnAfter(gguf.length / 4);
        assertThat(leftOver()).isEmpty();
    }

    @Test
    void a_reading_that_is_killed_goes_on_from_what_was_written_down() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        server.behave((request, _) -> {
            if (start(request) > gguf.length * 3L / 4) {
                held.countDown();
                awaitQuietly(killed);
            }
            return new Behaviour.Serve();
        });
        Process reader = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-cp",
                System.getProperty("java.class.path"), Reader.class.getName(), data.toString(),
                server.uri("/demo.gguf").toString()).inheritIO().start();
        try {
            assertThat(held.await(60, TimeUnit.SECONDS)).as("three quarters have gone by").isTrue();
            // What went by before the range that is held may still be on its way to the disk.
            awaitJournal();
        } finally {
            reader.destroyForcibly().waitFor();
            killed.countDown();
        }
        requireGoesOnAfter(RANGE_BYTES);
        assertThat(leftOver()).isEmpty();
    }

    @Test
    void what_went_by_of_another_version_of_the_file_counts_for_nothing() throws Exception {
        server.behave((request, _) -> start(request) > gguf.length / 2
                ? new Behaviour.DropAfter(10)
                : new Behaviour.Serve());
        assertThatThrownBy(this::add).isInstanceOf(LibraryException.class);
        // The same server, size and version; but it begins otherwise, in what the model says of itself.
        byte[] other = gguf.clone();
        int name = new String(other, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("general.name");
        other[name + "general.name".length() + 12] ^= 1;
        server.give("/demo.gguf", other);
        server.behave((_, _) -> new Behaviour.Serve());
        int before = server.requests().size();
        assertThat(add().digest()).isEqualTo(digest(other));
        assertThat(server.requests().subList(before, server.requests().size()))
                .anySatisfy(request -> assertThat(request.range()).isEqualTo("bytes=0-" + (RANGE_BYTES - 1)));
    }

    @Test
    void a_journal_that_was_cut_off_or_changed_anywhere_counts_for_nothing() throws Exception {
        SurveyJournal journal = SurveyJournal.in(data, "a file");
        Reached reached = new Reached(List.of("ab".repeat(32)), 1234, SurveyJournal.begun(),
                Map.of("blk.0.attn q", "cd".repeat(32)));
        journal.write(reached);
        assertThat(journal.read()).isEqualTo(reached);
        assertThat(SurveyJournal.in(data, "another file").read().position()).isZero();
        Path file = data.resolve("survey.journal");
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length - 1; at++) {
            Files.write(file, java.util.Arrays.copyOf(whole, at));
            assertThat(journal.read()).as("cut off after %d bytes", at)
                    .isEqualTo(new Reached(List.of(), 0, SurveyJournal.begun(), Map.of()));
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(file, changed);
            assertThat(journal.read().position()).as("changed at %d", at).isZero();
        }
    }

    @Test
    void a_hash_that_was_written_down_half_way_is_the_hash_of_all() {
        for (int cut : new int[]{0, 1, 55, 56, 63, 64, 65, 1000, gguf.length}) {
            LastingSha256 first = LastingSha256.begin();
            first.update(gguf, 0, cut);
            LastingSha256 second = LastingSha256.from(first.state());
            second.update(gguf, cut, gguf.length - cut);
            assertThat(second.hex()).isEqualTo(
                    com.google.common.hash.Hashing.sha256().hashBytes(gguf).toString());
        }
    }

    /** The same command again reads on, at least from here, and finds the same model. */
    private void requireGoesOnAfter(long position) throws Exception {
        server.behave((_, _) -> new Behaviour.Serve());
        int before = server.requests().size();
        assertThat(add().digest()).isEqualTo(digest(gguf));
        List<Request> again = server.requests().subList(before, server.requests().size()).stream()
                .filter(request -> end(request) - start(request) == RANGE_BYTES - 1).toList();
        assertThat(again).isNotEmpty().allSatisfy(request -> assertThat(start(request)).isGreaterThan(position));
    }

    private static long start(Request request) {
        return Long.parseLong(request.range().replaceAll("bytes=(\\d+)-.*", "$1"));
    }

    private static long end(Request request) {
        return Long.parseLong(request.range().replaceAll(".*-", ""));
    }

    private void awaitJournal() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (leftOver().stream().noneMatch(SurveyJournal::is)) {
            assertThat(System.nanoTime()).as("the journal is written").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Path> leftOver() throws IOException {
        try (Stream<Path> files = Files.walk(data.resolve("models/.incoming"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private StoredModel add() throws LibraryException, InterruptedException {
        return add(data, server.uri("/demo.gguf").toString());
    }

    private static StoredModel add(Path data, String address) throws LibraryException, InterruptedException {
        ModelSource source = ModelSource.parse(address);
        Sources sources = new Sources(java.net.URI.create(address).resolve("/"), Optional.empty(), QUICK);
        return ModelLibrary.in(data).addWithoutCopy(source, Optional.empty(), sources, (_, _, _) -> {});
    }

    private String digest(byte[] content) throws Exception {
        try (ModelFile model = ModelFile.open(Files.write(data.resolve("whole.gguf"), content))) {
            return Manifest.of(model).digest();
        }
    }
}
