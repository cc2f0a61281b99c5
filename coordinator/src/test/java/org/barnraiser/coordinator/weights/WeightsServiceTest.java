package org.barnraiser.coordinator.weights;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.UnreliableServer;
import org.barnraiser.coordinator.download.UnreliableServer.Behaviour;
import org.barnraiser.coordinator.download.WebClient;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.GgufWriter;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.MetadataArray;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.TensorInfo;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ReadChunk;
import org.barnraiser.proto.ReadRequest;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.trust.manners.Courtesy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.trust.manners.Courtesy.FIRST_BYTES;
import static org.barnraiser.trust.manners.Courtesy.LEAST_BYTES;

class WeightsServiceTest {
    @TempDir
    private Path directory;

    private ModelFile model;
    private Manifest manifest;
    /** Time stands still, so that there is never quiet once a step has gone. */
    private final Courtesy courtesy = new Courtesy(() -> 0);
    private WeightsService service;
    private Server server;
    private ManagedChannel channel;
    private WeightsGrpc.WeightsBlockingStub client;

    @BeforeEach
    void serve() throws IOException {
        model = ModelFile.open(write(directory.resolve("model.gguf")));
        manifest = Manifest.of(model);
        service = new WeightsService(OptionalLong.empty(), courtesy);
        service.publish(model, manifest);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service).build().start();
        channel = NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
        client = WeightsGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void stop() throws InterruptedException {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        service.close();
        model.close();
    }

    /** One layer, one tensor of it larger than three chunks. */
    private static Path write(Path file) throws IOException {
        GgufWriter writer = new GgufWriter().putText("general.architecture", "test").putUInt32("test.block_count", 1)
                .putUInt32("test.embedding_length", 1024).putUInt32("test.context_length", 16)
                .putText("tokenizer.ggml.model", "gpt2")
                .putArray("tokenizer.ggml.tokens", MetadataArray.ofTexts(List.of("a", "b")))
                .tensor("token_embd.weight", GgmlType.F32, 1024, 2)
                .tensor("blk.0.large", GgmlType.F32, 1024, 900);
        writer.writeTo(file, WeightsServiceTest::randomData);
        return file;
    }

    private static void randomData(TensorInfo tensor, OutputStream out) throws IOException {
        byte[] data = new byte[(int) tensor.lengthBytes()];
        new Random(7).nextBytes(data);
        out.write(data);
    }

    @Test
    void a_piece_comes_in_chunks_of_at_most_a_mebibyte() {
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        List<ByteString> chunks = read(request(large.sha256(), 0, 0));
        assertThat(chunks).hasSize(4).allMatch(chunk -> chunk.size() <= 1 << 20);
        assertThat(ByteString.copyFrom(chunks).toByteArray())
                .isEqualTo(model.bytes(0, large.offsetBytes(), large.lengthBytes()).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void a_range_of_a_piece_is_that_range() {
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        assertThat(ByteString.copyFrom(read(request(large.sha256(), 100, 50))).toByteArray())
                .isEqualTo(model.bytes(0, large.offsetBytes() + 100, 50).toArray(ValueLayout.JAVA_BYTE));
        assertThat(read(request(large.sha256(), large.lengthBytes(), 0))).isEmpty();
    }

    @Test
    void the_elements_of_a_metadata_array_are_a_piece() {
        Manifest.MetadataEntry tokens = manifest.metadata().stream().filter(entry -> entry.key().endsWith("tokens"))
                .findFirst()
                .orElseThrow();
        assertThat(ByteString.copyFrom(read(request(tokens.sha256(), 0, 0))).size()).isEqualTo(18);
    }

    @Test
    void more_readers_than_threads_all_get_everything() {
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        long total = IntStream.range(0, 12).parallel()
                .mapToLong(_ -> ByteString.copyFrom(read(request(large.sha256(), 0, 0))).size()).sum();
        assertThat(total).isEqualTo(12 * large.lengthBytes());
    }

    @Test
    void while_steps_go_each_makes_room_for_a_part_of_a_piece_and_no_more() throws Exception {
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        assertThat(read(request(large.sha256(), 0, 0))).as("before the first step").hasSize(4);
        courtesy.onStep();
        try (ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<ByteString>> chunks = reader.submit(() -> read(request(large.sha256(), 0, 0)));
            allowStepByStep(large.lengthBytes(), large.lengthBytes());
            assertThat(ByteString.copyFrom(chunks.get()).toByteArray())
                    .isEqualTo(model.bytes(0, large.offsetBytes(), large.lengthBytes())
                            .toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void while_steps_go_no_more_is_fetched_from_a_web_server_than_may_be_passed_on() throws Exception {
        byte[] file = Files.readAllBytes(directory.resolve("model.gguf"));
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        try (UnreliableServer there = new UnreliableServer().give("/m.gguf", file);
                WebClient web = WebClient.withoutToken();
                ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor()) {
            service.publish(model, manifest, web, List.of(RemoteFile.at(there.uri("/m.gguf"))));
            courtesy.onStep();
            Future<List<ByteString>> chunks = reader.submit(() -> read(request(large.sha256(), 0, 0)));
            allowStepByStep(0, large.lengthBytes());
            assertThat(chunks.get().stream().mapToLong(ByteString::size).sum()).isEqualTo(large.lengthBytes());
        }
    }

    /** After one step; goes on until no more is left than the last step makes room for. */
    private void allowStepByStep(long servedBefore, long bytes) {
        for (long allowed = FIRST_BYTES; allowed < bytes; allowed += FIRST_BYTES) {
            long most = servedBefore + allowed;
            await().pollInterval(Duration.ofMillis(1)).until(() -> service.servedBytes() >= most);
            assertThat(service.servedBytes()).isEqualTo(most);
            courtesy.onStep();
        }
    }

    @Test
    void while_steps_go_more_readers_than_threads_take_turns() {
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        // As little as ever, so that nobody's turn ends because the network takes no more.
        for (int late = 0; late < 5; late++) {
            courtesy.onStep();
            assertThat(courtesy.take(FIRST_BYTES)).isPositive();
            courtesy.onArrival(true);
        }
        List<AtomicLong> received = Stream.generate(AtomicLong::new).limit(6).toList();
        received.forEach(bytes -> WeightsGrpc.newStub(channel).read(request(large.sha256(), 0, 0), counting(bytes)));
        for (int step = 1; step <= 30; step++) {
            long allowed = (long) step * LEAST_BYTES;
            courtesy.onStep();
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> received.stream().mapToLong(AtomicLong::get).sum() == allowed);
        }
        assertThat(received).allMatch(bytes -> bytes.get() > 0);
    }

    private static StreamObserver<ReadChunk> counting(AtomicLong bytes) {
        return new StreamObserver<>() {
            @Override
            public void onNext(ReadChunk chunk) {
                bytes.addAndGet(chunk.getData().size());
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
        };
    }

    @Test
    void a_reader_that_stops_half_way_holds_nobody_up() {
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        for (int i = 0; i < 8; i++) {
            try (Context.CancellableContext context = Context.current().withCancellation()) {
                context.run(() -> client.read(request(large.sha256(), 0, 0)).next());
            }
        }
        assertThat(read(request(large.sha256(), 0, 0))).hasSize(4);
    }

    @Test
    void whatever_is_not_a_range_of_a_piece_is_refused() {
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        refused(request("0".repeat(64), 0, 0), Status.Code.NOT_FOUND);
        refused(request("../etc/passwd", 0, 0), Status.Code.INVALID_ARGUMENT);
        refused(request(large.sha256(), -1, 0), Status.Code.INVALID_ARGUMENT);
        refused(request(large.sha256(), large.lengthBytes() + 1, 0), Status.Code.INVALID_ARGUMENT);
        refused(request(large.sha256(), 1, large.lengthBytes()), Status.Code.INVALID_ARGUMENT);
        refused(request(large.sha256(), 1, Long.MAX_VALUE), Status.Code.INVALID_ARGUMENT);
        refused(request(large.sha256(), 0, Long.MIN_VALUE), Status.Code.INVALID_ARGUMENT);
        refused(request(large.sha256(), 0, 0).toBuilder().setModelDigest("another").build(), Status.Code.NOT_FOUND);
        service.withdraw(manifest);
        refused(request(large.sha256(), 0, 0), Status.Code.NOT_FOUND);
    }

    @Test
    void what_is_on_a_web_server_is_passed_on_with_the_token_that_it_wants() throws Exception {
        byte[] file = Files.readAllBytes(directory.resolve("model.gguf"));
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        try (UnreliableServer there = new UnreliableServer().give("/m.gguf", file)) {
            there.behave((request, _) -> request.authorization().equals("Bearer secret")
                    ? new Behaviour.Serve()
                    : new Behaviour.Status(401, Map.of(), ""));
            try (WebClient web = new WebClient(
                    Optional.of(new WebClient.Token(there.uri("/m.gguf"), "secret")))) {
                service.publish(model, manifest, web, List.of(new RemoteFile(there.uri("/m.gguf"), "m.gguf",
                        OptionalLong.of(file.length), Optional.empty())));
                assertThat(ByteString.copyFrom(read(request(large.sha256(), 0, 0))).toByteArray())
                        .isEqualTo(model.bytes(0, large.offsetBytes(), large.lengthBytes())
                                .toArray(ValueLayout.JAVA_BYTE));
                assertThat(read(request(large.sha256(), large.lengthBytes(), 0))).isEmpty();
                there.behave((_, _) -> new Behaviour.DropAfter(1000));
                refused(request(large.sha256(), 0, 0), Status.Code.UNAVAILABLE);
                there.behave((_, _) -> new Behaviour.ServeShifted(1));
                refused(request(large.sha256(), 0, 0), Status.Code.UNAVAILABLE);
                there.behave((_, _) -> new Behaviour.Status(404, Map.of(), ""));
                refused(request(large.sha256(), 0, 0), Status.Code.UNAVAILABLE);
            }
        }
    }

    @Test
    void whoever_leaves_while_a_web_server_stalls_holds_nobody_up() throws Exception {
        byte[] file = Files.readAllBytes(directory.resolve("model.gguf"));
        Manifest.Entry large = manifest.tensor("blk.0.large").orElseThrow();
        try (UnreliableServer there = new UnreliableServer().give("/m.gguf", file);
                WebClient web = WebClient.withoutToken()) {
            there.behave((_, _) -> new Behaviour.StallAfter(0));
            service.publish(model, manifest, web, List.of(RemoteFile.at(there.uri("/m.gguf"))));
            for (int i = 0; i < 8; i++) {
                assertThatExceptionOfType(StatusRuntimeException.class)
                        .isThrownBy(() -> client.withDeadlineAfter(50, TimeUnit.MILLISECONDS)
                                .read(request(large.sha256(), 0, 0)).next());
            }
            there.behave((_, _) -> new Behaviour.Serve());
            assertThat(ByteString.copyFrom(read(request(large.sha256(), 0, 0))).size()).isEqualTo(large.lengthBytes());
        }
    }

    private ReadRequest request(String sha256, long offset, long length) {
        return ReadRequest.newBuilder().setModelDigest(manifest.digest()).setPiece(Piece.newBuilder().setSha256(sha256))
                .setOffsetBytes(offset).setLengthBytes(length).build();
    }

    private List<ByteString> read(ReadRequest request) {
        List<ByteString> chunks = new ArrayList<>();
        client.withDeadlineAfter(30, TimeUnit.SECONDS).read(request)
                .forEachRemaining(chunk -> chunks.add(chunk.getData()));
        return chunks;
    }

    private void refused(ReadRequest request, Status.Code code) {
        assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> read(request))
                .matches(refusal -> refusal.getStatus().getCode() == code, "has the code " + code);
    }
}
