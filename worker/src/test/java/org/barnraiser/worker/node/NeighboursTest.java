package org.barnraiser.worker.node;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.barnraiser.proto.Holder;
import org.barnraiser.proto.ListRequest;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.PieceTraffic;
import org.barnraiser.proto.PulseRequest;
import org.barnraiser.proto.ReadRequest;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.VerifyProgress;
import org.barnraiser.proto.VerifyRequest;
import org.barnraiser.worker.stage.TestModel;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Workers that get pieces from each other. */
class NeighboursTest extends WorkerCase {
    private static final String NOBODY = "127.0.0.1:1";

    @Test
    void what_a_neighbour_has_is_not_asked_of_the_coordinator() throws Exception {
        worker.load(fetch(weights.address()).build());
        int reads = weights.reads.get();
        try (var other = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            assertThat(other.load(fetch(NOBODY).addHolders(holder(worker, "one")).build()).getLast().getPhase())
                    .isEqualTo(Phase.READY);
            assertThat(weights.reads).hasValue(reads);
            PieceTraffic traffic = traffic(other);
            assertThat(traffic.getFromWorkersBytes()).isPositive().isEqualTo(traffic(worker).getServedBytes());
            assertThat(traffic.getFromCoordinatorBytes()).isZero();
            assertThat(holder(other, "two").getSha256List()).containsExactlyInAnyOrderElementsOf(
                    holder(worker, "one").getSha256List());
        }
    }

    @Test
    void a_neighbour_that_limits_its_uploads_delivers_all_the_same() throws Exception {
        try (var giver = new TestWorker(zooKeeper.getConnectString(), data, "giver", PLENTY, Optional.empty(),
                OptionalLong.of(2 << 20))) {
            giver.load(fetch(weights.address()).build());
            assertThat(worker.load(fetch(NOBODY).addHolders(holder(giver, "giver")).build()).getLast().getPhase())
                    .isEqualTo(Phase.READY);
        }
    }

    @Test
    void a_neighbour_that_lies_is_named_and_the_coordinator_asked() throws Exception {
        worker.load(fetch(weights.address()).build());
        try (var liar = new ModelWeights(model);
                var other = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            liar.damaged = true;
            Holder lying = holder(worker, "liar").toBuilder().setAddress(liar.address()).build();
            int reads = weights.reads.get();
            other.load(fetch(weights.address()).addHolders(lying).build());
            assertThat(weights.reads.get()).isGreaterThan(reads);
            assertThat(traffic(other).getTroublesList()).singleElement().asString()
                    .startsWith("Worker liar at " + liar.address() + " has sent wrong bytes of tensor ");
            TestModel demo = TestModel.demo();
            try (var honest = new ModelWeights(demo); var repentant = new ModelWeights(demo)) {
                var again = TestWorker.wholeModel(demo, honest.address(), 1).setExtent(Extent.FETCH);
                List<ByteString> pieces = pieces(again.getShard());
                other.load(again.addHolders(Holder.newBuilder().setWorkerId("liar").setAddress(repentant.address())
                        .addAllSha256(pieces)).build());
                assertThat(repentant.reads).as("who has lied is not asked for a while").hasValue(0);
            }
        }
    }

    @Test
    void a_neighbour_that_has_gone_costs_nothing_but_a_question() {
        worker.load(fetch(weights.address()).build());
        Holder gone = holder(worker, "gone").toBuilder().setAddress(NOBODY).build();
        assertThat(worker.load(fetch(weights.address()).setShard(model.spec(true, true)).addHolders(gone).build())
                .getLast().getPhase()).isEqualTo(Phase.READY);
    }

    @Test
    void a_piece_that_is_not_here_is_not_found() {
        var nothing = ReadRequest.newBuilder().setModelDigest("0".repeat(64))
                .setPiece(Piece.newBuilder().setSha256("0".repeat(64))).build();
        assertThat(codeOf(() -> worker.weights().read(nothing).next())).isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void a_range_beyond_a_piece_is_refused() {
        worker.load(fetch(weights.address()).build());
        Piece piece = model.spec(true, true).getSegmentsList().stream().filter(Segment::hasPiece)
                .findFirst().orElseThrow().getPiece();
        var request = ReadRequest.newBuilder().setModelDigest(model.spec(true, true).getModelDigest())
                .setPiece(piece);
        assertThat(codeOf(() -> worker.weights()
                .read(request.clone().setOffsetBytes(piece.getLengthBytes() + 1).build()).next()))
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(codeOf(() -> worker.weights()
                .read(request.clone().setOffsetBytes(1).setLengthBytes(Long.MAX_VALUE).build()).next()))
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(worker.weights().read(request.clone().setOffsetBytes(5).setLengthBytes(7).build()).next().getData()
                .size()).isEqualTo(7);
    }

    @Test
    void hostile_holders_are_refused() {
        var request = fetch(weights.address()).addHolders(Holder.newBuilder().setWorkerId("x").setAddress("y")
                .addSha256(ByteString.copyFromUtf8("short")));
        assertThat(codeOf(() -> worker.load(request.build()))).isEqualTo(Code.INVALID_ARGUMENT);
        var many = fetch(weights.address());
        for (int i = 0; i < 300; i++) {
            many.addHolders(Holder.newBuilder().setWorkerId("x").setAddress("y"));
        }
        assertThat(codeOf(() -> worker.load(many.build()))).isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void a_flipped_bit_under_a_running_stage_is_named_and_repaired_from_a_neighbour() throws Exception {
        worker.load(wholeModel().build());
        try (var other = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            other.load(fetch(weights.address()).build());
            Path file = shardFile();
            byte[] before = Files.readAllBytes(file);
            flip(file, before.length - 200);
            int[] tokens = tokenize("Once", false);
            List<VerifyProgress.Damage> damages = verify(worker, NOBODY, holder(other, "two"));
            assertThat(damages).singleElement().satisfies(damage -> {
                assertThat(damage.getRepaired()).isTrue();
                assertThat(damage.getTensorName()).isNotEmpty();
            });
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
            assertThat(verify(worker, NOBODY, holder(other, "two"))).isEmpty();
            assertThat(tokenize("Once", false)).isEqualTo(tokens);
        }
    }

    private List<VerifyProgress.Damage> verify(TestWorker worker, String weights, Holder... holders) {
        var request = VerifyRequest.newBuilder().setModelDigest(modelDigest()).setWeightsAddress(weights)
                .addAllHolders(List.of(holders)).build();
        VerifyProgress last = VerifyProgress.getDefaultInstance();
        for (var progress = worker.control().verify(request); progress.hasNext();) {
            last = progress.next();
        }
        assertThat(last.getFinished()).isTrue();
        return last.getDamagesList();
    }

    private String modelDigest() {
        return model.spec(true, true).getModelDigest();
    }

    private LoadShardRequest.Builder wholeModel() {
        return TestWorker.wholeModel(model, weights.address(), 1);
    }

    private LoadShardRequest.Builder fetch(String coordinator) {
        return wholeModel().setWeightsAddress(coordinator).setExtent(Extent.FETCH);
    }

    private Path shardFile() throws IOException {
        try (var files = Files.walk(data.resolve("one"))) {
            return files.filter(file -> file.toString().endsWith(".shard"))
                    .max(Comparator.comparingLong(file -> file.toFile().length())).orElseThrow();
        }
    }

    private Holder holder(TestWorker worker, String name) {
        return Holder.newBuilder().setWorkerId(name).setAddress(worker.node.address())
                .addAllSha256(worker.weights()
                        .list(ListRequest.newBuilder().setModelDigest(modelDigest()).build()).getSha256List())
                .build();
    }

    private static List<ByteString> pieces(ShardSpec shard) {
        return shard.getSegmentsList().stream().filter(Segment::hasPiece)
                .map(segment -> ByteString.fromHex(segment.getPiece().getSha256())).toList();
    }

    private static PieceTraffic traffic(TestWorker worker) {
        return worker.control().pulse(PulseRequest.newBuilder().setIntervalMillis(1000).build()).next().getPieces();
    }

    private static void flip(Path file, long offset) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 4)).flip();
            channel.write(one, offset);
        }
    }
}
