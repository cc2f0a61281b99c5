package org.barnraiser.worker.node;

import io.grpc.Status.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.barnraiser.proto.Holder;
import org.barnraiser.proto.ListRequest;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.Origin;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.PieceTraffic;
import org.barnraiser.proto.PulseRequest;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.worker.node.WebServer.Manner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Workers that get pieces from where the model came from. */
class OriginsTest extends WorkerCase {
    private static final String NOBODY = "127.0.0.1:1";
    private static final int PARTS = 12;

    private WebServer web;

    @BeforeEach
    void startWeb() throws IOException {
        web = new WebServer(model, 1L << 40);
    }

    @AfterEach
    void stopWeb() {
        web.close();
    }

    @Test
    void a_worker_takes_its_ranges_from_the_web_and_nothing_from_the_coordinator() {
        assertThat(worker.load(fetch(NOBODY).build()).getLast().getPhase()).isEqualTo(Phase.READY);
        assertThat(traffic(worker).getFromOriginsBytes()).isPositive();
        assertThat(traffic(worker).getTroublesList()).isEmpty();
    }

    @Test
    void who_has_a_neighbour_asks_it_first() throws Exception {
        worker.load(fetch(NOBODY).build());
        int asked = web.ranges.size();
        Holder holder = Holder.newBuilder().setWorkerId("one").setAddress(worker.node.address())
                .addAllSha256(worker.weights().list(ListRequest.newBuilder()
                        .setModelDigest(model.spec(true, true).getModelDigest()).build()).getSha256List())
                .build();
        try (var other = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            other.load(fetch(NOBODY).addHolders(holder).build());
            assertThat(web.ranges).hasSize(asked);
        }
    }

    @Test
    void a_connection_that_breaks_is_gone_on_with_within_the_tensor() {
        web.manners = number -> number == 0 ? Manner.DROPS : number == 2 ? Manner.BUSY : Manner.HONEST;
        assertThat(worker.load(fetch(NOBODY).build()).getLast().getPhase()).isEqualTo(Phase.READY);
        long bytes = fetch(NOBODY).getShard().getSegmentsList().stream()
                .mapToLong(segment -> segment.getPiece().getLengthBytes()).sum();
        assertThat(traffic(worker).getFromOriginsBytes()).as("nothing came twice")
                .isLessThanOrEqualTo(bytes + fetch(NOBODY).getShard().getEmbedding().getPiece().getLengthBytes());
    }

    @Test
    void a_server_that_lies_is_named_and_the_coordinator_asked() {
        web.manners = _ -> Manner.FLIPS;
        assertThat(worker.load(fetch(weights.address()).build()).getLast().getPhase()).isEqualTo(Phase.READY);
        assertThat(weights.reads.get()).isPositive();
        assertThat(traffic(worker).getTroublesList()).singleElement().asString()
                .startsWith("The web server localhost has sent wrong bytes of tensor ");
    }

    @ParameterizedTest
    @EnumSource(value = Manner.class, names = {"CHANGED", "WHOLE", "GONE"})
    void a_server_that_has_another_file_now_is_left_for_the_coordinator(Manner manner) {
        web.manners = _ -> manner;
        assertThat(worker.load(fetch(weights.address()).build()).getLast().getPhase()).isEqualTo(Phase.READY);
        assertThat(traffic(worker).getFromOriginsBytes()).isZero();
        assertThat(web.ranges).as("it is not asked again").hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void a_part_that_was_not_asked_for_is_asked_for_again() {
        web.manners = number -> number == 0 ? Manner.SHIFTS : Manner.HONEST;
        assertThat(worker.load(fetch(NOBODY).build()).getLast().getPhase()).isEqualTo(Phase.READY);
    }

    @Test
    void while_steps_go_each_makes_room_for_a_part_of_what_comes_from_the_web() throws Exception {
        // Time stands still, so that there is never quiet.
        var courtesy = new Courtesy(() -> 0);
        courtesy.onStep();
        var received = new AtomicLong();
        var steps = new AtomicInteger(1);
        Piece piece = Piece.newBuilder().setLengthBytes(PARTS * Courtesy.FIRST_BYTES).build();
        try (var source = new WebPieceSource(List.of(WebFile.of(web.origin()).orElseThrow()), received::addAndGet,
                courtesy);
                var fetching = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> read = fetching.submit(() -> {
                source.read("", piece, _ -> {});
                return null;
            });
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                steps.incrementAndGet();
                courtesy.onStep();
                return read.isDone();
            });
            read.get();
        }
        assertThat(received).hasValue(piece.getLengthBytes());
        assertThat(steps).hasValueGreaterThanOrEqualTo(PARTS);
    }

    @Test
    void a_redirect_is_followed() {
        web.location = "/elsewhere";
        web.manners = _ -> Manner.REDIRECTS;
        assertThat(worker.load(fetch(NOBODY).build()).getLast().getPhase()).isEqualTo(Phase.READY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://localhost/x", "http:///x", "/model.gguf", "::"})
    void a_redirect_to_where_it_should_not_go_is_not_followed(String location) {
        web.location = location;
        web.manners = _ -> Manner.REDIRECTS;
        assertThat(worker.load(fetch(weights.address()).build()).getLast().getPhase()).isEqualTo(Phase.READY);
        assertThat(traffic(worker).getFromOriginsBytes()).isZero();
    }

    @Test
    void nobody_who_has_it_is_said_in_one_sentence() {
        web.manners = _ -> Manner.GONE;
        assertThat(errorOf(() -> worker.load(fetch(NOBODY).build())).getStatus().getCode())
                .isEqualTo(Code.UNAVAILABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://host/x", "http://user:secret@host/x", "//host/x", "",
            "http://"})
    void what_is_no_address_of_a_file_on_a_web_server_is_refused(String url) {
        LoadShardRequest request = fetch(NOBODY).clearOrigins()
                .addOrigins(Origin.newBuilder().setUrl(url).setSizeBytes(1000)).build();
        assertThat(codeOf(() -> worker.load(request))).isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void a_way_from_the_outside_into_the_machines_own_network_is_not_taken() {
        assertThat(List.of("http://127.0.0.1/x", "http://10.0.0.1/x", "http://169.254.169.254/latest/meta-data",
                "http://[::1]/x", "http://[fd00::1]/x", "http://0.0.0.0/x"))
                .allMatch(inside -> WebFile.next(java.net.URI.create("http://203.0.113.7/m"), inside).isEmpty());
        assertThat(WebFile.next(java.net.URI.create("http://203.0.113.7/m"), "http://203.0.113.8/x")).isPresent();
        assertThat(WebFile.next(java.net.URI.create("https://203.0.113.7/m"), "http://203.0.113.8/x")).isEmpty();
    }

    private LoadShardRequest.Builder fetch(String coordinator) {
        return TestWorker.wholeModel(model, coordinator, 1).setExtent(Extent.FETCH).addOrigins(web.origin());
    }

    private static PieceTraffic traffic(TestWorker worker) {
        return worker.control().pulse(PulseRequest.newBuilder().setIntervalMillis(1000).build()).next().getPieces();
    }
}
