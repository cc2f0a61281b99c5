package org.barnraiser.coordinator.library;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.barnraiser.coordinator.download.DownloadSettings;
import org.barnraiser.coordinator.download.UnreliableServer;
import org.barnraiser.coordinator.download.UnreliableServer.Behaviour;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.GgufWriter;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.MetadataArray;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.library.Verification.Damage;
import org.barnraiser.coordinator.weights.WeightsService;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.manners.Courtesy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ModelLibraryTest {
    private static final DownloadSettings QUICK = new DownloadSettings(2, 50_000, 2, Duration.ofMillis(1),
            Duration.ofMillis(10), Duration.ofSeconds(5));
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @TempDir
    private Path data;
    @TempDir
    private Path elsewhere;

    private byte[] gguf = new byte[0];
    private Path file = Path.of("");
    private ModelLibrary library;
    private UnreliableServer server;

    @BeforeEach
    void start() throws Exception {
        try (InputStream demo = ModelLibraryTest.class
                .getResourceAsStream("/org/barnraiser/coordinator/cli/barnraiser-demo.gguf")) {
            gguf = demo == null ? new byte[0] : demo.readAllBytes();
        }
        file = Files.write(elsewhere.resolve("Demo Model.gguf"), gguf);
        library = ModelLibrary.in(data);
        server = new UnreliableServer().give("/files/demo.gguf", gguf)
                .give("/o/demo-GGUF/resolve/" + COMMIT + "/demo-Q8_0.gguf", gguf);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_local_file_is_taken_in_with_its_identity() throws Exception {
        StoredModel model = add(file.toString());
        assertThat(model.name()).isEqualTo("demo-model");
        assertThat(model.digest()).isEqualTo(digestOf(file));
        assertThat(library.list()).containsExactly(model);
        assertThat(library.file(model)).hasBinaryContent(gguf);
        assertThat(new Verification(library, (_, _, _) -> {}).verify(model)).isEmpty();
    }

    @Test
    void a_flipped_bit_in_a_tensor_is_found_and_named() throws Exception {
        StoredModel model = add(file.toString());
        String tensor;
        try (ModelFile opened = ModelFile.open(library.file(model))) {
            Manifest.Entry entry = Manifest.of(opened).tensors().getLast();
            tensor = entry.name();
            flip(library.file(model), entry.offsetBytes() + entry.lengthBytes() / 2);
        }
        assertThat(new Verification(library, (_, _, _) -> {}).verify(model))
                .containsExactly(new Damage("Demo Model.gguf", "tensor " + tensor));
    }

    @Test
    void a_damaged_tensor_is_repaired_from_who_has_it_and_not_from_who_lies() throws Exception {
        StoredModel model = add(file.toString());
        Path stored = library.file(model);
        byte[] before = Files.readAllBytes(stored);
        try (ModelFile intact = ModelFile.open(Files.write(elsewhere.resolve("copy.gguf"), gguf));
                ModelFile opened = ModelFile.open(stored);
                var honest = new WeightsService(OptionalLong.empty(), Courtesy.none());
                var liar = new WeightsService(OptionalLong.empty(), Courtesy.none())) {
            Manifest manifest = Manifest.of(intact);
            Manifest.Entry entry = manifest.tensors().getLast();
            flip(stored, entry.offsetBytes() + entry.lengthBytes() / 2);
            honest.publish(intact, manifest);
            liar.publish(opened, manifest);
            Server one = serve(liar);
            Server two = serve(honest);
            try {
                Damage damage = new Damage("Demo Model.gguf", "tensor " + entry.name());
                assertThat(
                        new Repair(library, List.of("127.0.0.1:" + one.getPort()), Links.PLAIN).repair(model, damage))
                        .isFalse();
                assertThat(new Repair(library, List.of("127.0.0.1:" + one.getPort(), "127.0.0.1:" + two.getPort()),
                        Links.PLAIN)
                        .repair(model, damage)).isTrue();
            } finally {
                one.shutdownNow();
                two.shutdownNow();
            }
        }
        assertThat(Files.readAllBytes(stored)).isEqualTo(before);
        assertThat(new Verification(library, (_, _, _) -> {}).verify(model)).isEmpty();
    }

    private static Server serve(WeightsService weights) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(weights).build().start();
    }

    @Test
    void a_damaged_header_and_a_missing_file_are_found() throws Exception {
        StoredModel model = add(file.toString());
        flip(library.file(model), 5);
        assertThat(new Verification(library, (_, _, _) -> {}).verify(model)).singleElement()
                .satisfies(damage -> assertThat(damage.part()).startsWith("the header"));
        Files.delete(library.file(model));
        assertThat(new Verification(library, (_, _, _) -> {}).verify(model)).singleElement()
                .satisfies(damage -> assertThat(damage.part()).contains("missing"));
    }

    @Test
    void a_model_of_a_hub_is_fetched_at_one_commit_and_its_licence_is_kept() throws Exception {
        server.behave(hub("\"cardData\":{\"license\":\"apache-2.0\"},\"author\":\"o\""));
        StoredModel model = add("hf:o/demo-GGUF/Q8_0");
        assertThat(model.license()).isEqualTo("apache-2.0");
        assertThat(model.author()).isEqualTo("o");
        assertThat(model.source()).isEqualTo("hf:o/demo-GGUF@" + COMMIT);
        assertThat(model.digest()).isEqualTo(digestOf(file));
        assertThat(server.requests()).allMatch(request -> request.authorization().equals("Bearer hf_t"));
    }

    @Test
    void a_gated_model_says_how_to_get_it() {
        server.behave((_, _) -> new Behaviour.Status(403, Map.of("X-Error-Code", "GatedRepo"), ""));
        assertThatThrownBy(() -> add("hf:o/demo-GGUF")).isInstanceOf(LibraryException.class)
                .hasMessageContaining("accept them at").hasMessageContaining("HF_TOKEN");
        assertThat(leftOver()).isEmpty();
    }

    @Test
    void a_model_that_is_not_there_says_so() {
        server.behave((_, _) -> new Behaviour.Status(404, Map.of("X-Error-Code", "RepoNotFound"), ""));
        assertThatThrownBy(() -> add("hf:o/none")).isInstanceOf(LibraryException.class)
                .hasMessageContaining("There is no model o/none at localhost");
    }

    @Test
    void what_is_no_model_hub_is_said_to_be_none() {
        server.behave((_, _) -> new Behaviour.Status(200, Map.of(), "<html>"));
        assertThatThrownBy(() -> add("hf:o/demo-GGUF")).isInstanceOf(LibraryException.class)
                .hasMessageContaining("no model hub");
    }

    @Test
    void a_file_that_is_no_gguf_is_refused_and_nothing_is_left() throws Exception {
        server.give("/files/page.gguf", "<html>sorry</html>".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThatThrownBy(() -> add(server.uri("/files/page.gguf").toString())).isInstanceOf(LibraryException.class)
                .hasMessageContaining("page.gguf");
        assertThatThrownBy(() -> add(elsewhere.resolve("none.gguf").toString())).isInstanceOf(LibraryException.class)
                .hasMessageContaining("none.gguf");
        assertThat(leftOver()).isEmpty();
        assertThat(library.list()).isEmpty();
    }

    @Test
    void an_architecture_that_cannot_be_split_is_refused_by_name_and_nothing_is_left() throws Exception {
        Path other = elsewhere.resolve("other.gguf");
        new GgufWriter().putText("general.architecture", "nonesuch").putUInt32("nonesuch.block_count", 1)
                .putUInt32("nonesuch.embedding_length", 32).putUInt32("nonesuch.context_length", 16)
                .putText("tokenizer.ggml.model", "gpt2")
                .putArray("tokenizer.ggml.tokens", MetadataArray.ofTexts(List.of("a", "b")))
                .tensor("token_embd.weight", GgmlType.F32, 32, 2).tensor("blk.0.attn_norm.weight", GgmlType.F32, 32)
                .writeTo(other, (tensor, out) -> out.write(new byte[(int) tensor.lengthBytes()]));
        server.give("/files/other.gguf", Files.readAllBytes(other));
        String address = server.uri("/files/other.gguf").toString();
        assertThatThrownBy(() -> add(other.toString())).isInstanceOf(LibraryException.class)
                .hasMessageContaining("nonesuch");
        assertThatThrownBy(() -> add(address)).isInstanceOf(LibraryException.class).hasMessageContaining("nonesuch");
        assertThatThrownBy(() -> addWithoutCopy(address)).isInstanceOf(LibraryException.class)
                .hasMessageContaining("nonesuch");
        assertThat(leftOver()).isEmpty();
        assertThat(library.list()).isEmpty();
    }

    @Test
    void an_interrupted_download_is_kept_and_gone_on_with() throws Exception {
        server.behave((request, _) -> request.range().startsWith("bytes=100000-")
                ? new Behaviour.DropAfter(10)
                : new Behaviour.Serve());
        String address = server.uri("/files/demo.gguf").toString();
        assertThatThrownBy(() -> add(address)).isInstanceOf(LibraryException.class)
                .hasMessageContaining("the same command goes on from there");
        assertThat(leftOver()).hasSize(1);
        server.behave((_, _) -> new Behaviour.Serve());
        assertThat(add(address).digest()).isEqualTo(digestOf(file));
        assertThat(leftOver()).isEmpty();
    }

    @Test
    void a_name_that_is_taken_is_refused_and_a_removed_one_is_free() throws Exception {
        StoredModel model = add(file.toString());
        assertThatThrownBy(() -> add(file.toString())).isInstanceOf(LibraryException.class)
                .hasMessageContaining("There is a model \"demo-model\" already");
        library.remove(model.name());
        assertThat(library.list()).isEmpty();
        assertThat(file).as("the file it was made of").exists();
        assertThat(add(file.toString()).name()).isEqualTo(model.name());
    }

    @Test
    void an_exported_model_can_be_taken_in_elsewhere() throws Exception {
        StoredModel model = add(file.toString());
        Path copy = library.export(model.name(), elsewhere.resolve("out"));
        assertThat(copy.resolve("model.json")).exists();
        assertThatThrownBy(() -> library.export(model.name(), elsewhere.resolve("out")))
                .isInstanceOf(LibraryException.class).hasMessageContaining("is there already");
        ModelLibrary other = ModelLibrary.in(elsewhere.resolve("other"));
        StoredModel again = other.add(ModelSource.parse(copy.resolve("Demo Model.gguf").toString()), Optional.empty(),
                sources(), (_, _, _) -> {});
        assertThat(again.digest()).isEqualTo(model.digest());
    }

    @Test
    void a_damaged_record_hides_only_its_own_model() throws Exception {
        StoredModel model = add(file.toString());
        Path broken = Files.createDirectories(data.resolve("models/broken"));
        Files.writeString(broken.resolve("model.json"), "{\"name\": \"other\", \"files\": [{\"name\": \"../x\"}]}");
        assertThat(library.list()).containsExactly(model);
        assertThatThrownBy(() -> library.get("broken")).isInstanceOf(LibraryException.class)
                .hasMessageContaining("is damaged");
        assertThatThrownBy(() -> library.get("../x")).isInstanceOf(LibraryException.class)
                .hasMessageContaining("there are demo-model");
    }

    @Test
    void a_model_that_stays_where_it_is_has_the_same_identity_and_takes_no_room() throws Exception {
        server.behave((_, number) -> number % 5 == 4 ? new Behaviour.DropAfter(1000) : new Behaviour.Serve());
        StoredModel model = addWithoutCopy(server.uri("/files/demo.gguf").toString());
        assertThat(model.digest()).isEqualTo(digestOf(file));
        assertThat(model.sizeBytes()).isEqualTo(gguf.length);
        assertThat(model.isHere()).isFalse();
        assertThat(library.list()).containsExactly(model);
        assertThat(leftOver()).isEmpty();
        assertThat(Files.readAllBytes(library.file(model))).as("its end is a hole").endsWith(new byte[1000]);
        assertThat(library.origin(model, sources()).orElseThrow().files()).singleElement()
                .satisfies(there -> assertThat(there.uri()).isEqualTo(server.uri("/files/demo.gguf")));
        assertThat(library.ofFile(library.file(model))).contains(model);
        assertThat(new Verification(library, (_, _, _) -> {}).verify(model)).isEmpty();
        flip(library.file(model), 60);
        assertThat(new Verification(library, (_, _, _) -> {}).verify(model)).hasSize(1);
        assertThatThrownBy(() -> library.export(model.name(), elsewhere.resolve("out")))
                .isInstanceOf(LibraryException.class)
                .hasMessage("The weights of demo are not here but at localhost; remove it and add it without --no-copy"
                        + " first.");
    }

    @Test
    void a_model_of_a_hub_that_stays_there_must_be_what_the_hub_says() {
        UnreliableServer.Manners hub = hub("\"author\":\"o\"");
        server.behave((request, number) -> request.path().endsWith(".gguf")
                ? new Behaviour.ServeFlipped(gguf.length - 5)
                : hub.of(request, number));
        assertThatThrownBy(() -> addWithoutCopy("hf:o/demo-GGUF/Q8_0")).isInstanceOf(LibraryException.class)
                .hasMessageContaining("demo-Q8_0.gguf arrived damaged");
        assertThat(leftOver()).isEmpty();
    }

    @Test
    void only_what_is_refused_without_a_token_counts_as_gated() throws Exception {
        UnreliableServer.Manners hub = hub("\"author\":\"o\"");
        server.behave((request, number) -> request.authorization().isEmpty()
                ? new Behaviour.Status(401, Map.of(), "")
                : hub.of(request, number));
        StoredModel gated = addWithoutCopy("hf:o/demo-GGUF/Q8_0");
        assertThat(library.origin(gated, sources()).orElseThrow().gated()).isTrue();
        library.remove(gated.name());
        server.behave(hub);
        StoredModel open = addWithoutCopy("hf:o/demo-GGUF/Q8_0");
        assertThat(library.origin(open, sources()).orElseThrow().gated()).isFalse();
    }

    @Test
    void what_cannot_stay_where_it_is_is_refused_with_a_sentence_and_nothing_is_left() {
        assertThatThrownBy(() -> addWithoutCopy(file.toString())).isInstanceOf(LibraryException.class)
                .hasMessageContaining("is here already");
        server.behave((_, _) -> new Behaviour.Status(200, Map.of("Content-Length", "9"), "GGUF12345"));
        assertThatThrownBy(() -> addWithoutCopy(server.uri("/files/demo.gguf").toString()))
                .isInstanceOf(LibraryException.class).hasMessageContaining("does not give out parts of demo.gguf");
        server.behave((request, _) -> request.range().startsWith("bytes=0-0")
                ? new Behaviour.Serve()
                : new Behaviour.Status(429, Map.of("Retry-After", "0"), ""));
        assertThatThrownBy(() -> addWithoutCopy(server.uri("/files/demo.gguf").toString()))
                .isInstanceOf(LibraryException.class).hasMessageContaining("HTTP 429");
        assertThat(leftOver()).isEmpty();
    }

    private StoredModel addWithoutCopy(String source) throws LibraryException, InterruptedException {
        return library.addWithoutCopy(ModelSource.parse(source), Optional.empty(), sources(), (_, _, _) -> {});
    }

    private StoredModel add(String source) throws LibraryException, InterruptedException {
        return library.add(ModelSource.parse(source), Optional.empty(), sources(), (_, _, _) -> {});
    }

    private Sources sources() {
        return new Sources(URI.create(server.uri("").toString()), Optional.of("hf_t"), QUICK);
    }

    private UnreliableServer.Manners hub(String about) {
        String sha256 = com.google.common.hash.Hashing.sha256().hashBytes(gguf).toString();
        return (request, _) -> switch (request.path()) {
            case "/api/models/o/demo-GGUF/revision/main" ->
                new Behaviour.Status(200, Map.of(), "{\"sha\":\"" + COMMIT + "\"," + about + "}");
            case "/api/models/o/demo-GGUF/tree/" + COMMIT + "?recursive=true" ->
                new Behaviour.Status(200, Map.of("Link", "<" + server.uri("/page2") + ">; rel=\"next\""),
                        "[{\"type\":\"file\",\"path\":\"README.md\",\"size\":3}]");
            case "/page2" ->
                new Behaviour.Status(200, Map.of(), "[{\"type\":\"file\",\"path\":\"demo-Q8_0.gguf\",\"size\":"
                        + gguf.length + ",\"lfs\":{\"oid\":\"" + sha256 + "\"}}]");
            default -> new Behaviour.Serve();
        };
    }

    private List<Path> leftOver() {
        try (Stream<Path> files = Files.list(data.resolve("models/.incoming"))) {
            return files.toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String digestOf(Path gguf) throws IOException {
        try (ModelFile model = ModelFile.open(gguf)) {
            return Manifest.of(model).digest();
        }
    }

    private static void flip(Path file, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 1)).flip();
            channel.write(one, position);
        }
    }
}
