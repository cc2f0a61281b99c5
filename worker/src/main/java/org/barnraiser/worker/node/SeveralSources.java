package org.barnraiser.worker.node;

import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.barnraiser.proto.CopiesGrpc;
import org.barnraiser.proto.Holder;
import org.barnraiser.proto.Origin;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ReleaseRequest;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.worker.shard.PieceSource;
import org.barnraiser.worker.shard.PieceSources;
import org.barnraiser.worker.shard.WeightsUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static java.util.Comparator.comparingInt;

/**
 * Other workers first, the least busy one of those that have a piece, then the web servers that the coordinator names, and the
 * coordinator when none of them delivers. Who is out of reach or too slow is left for as long as this lasts, who sends wrong bytes for
 * longer.
 */
final class SeveralSources implements PieceSources, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SeveralSources.class);
    private static final int MAX_WIDTH = 4;
    /** There are others to ask. */
    static final Patience WORKER_PATIENCE = new Patience(Duration.ofSeconds(8), 64 << 10);
    /** There is nobody else, and what it sends may have to leave room for steps of another model. */
    static final Patience COORDINATOR_PATIENCE = new Patience(Duration.ofMinutes(2), 0);
    private static final long RELEASE_SECONDS = 10;
    private static final int MAX_MESSAGE_BYTES = 16 << 20;
    private static final HexFormat HEX = HexFormat.of();

    private final Channels channels;
    private final String incarnationId;
    private final String coordinatorAddress;
    private final boolean spare;
    private final PieceLedger ledger;
    private final Courtesy courtesy;
    private final List<Neighbour> neighbours;
    private final Optional<Web> web;
    private final GrpcPieceSource coordinator;

    /**
     * Sources that are connected to when they are first asked.
     *
     * @param incarnationId of this worker
     * @param coordinatorAddress {@code host:port} of who has all pieces, and knows who else has them
     * @param origins web servers with the model's files, in split order; may be empty
     * @param spare nothing here is given up for these pieces
     * @param courtesy towards steps of answers
     */
    SeveralSources(Channels channels, String incarnationId, String coordinatorAddress, List<Holder> holders,
            List<Origin> origins, boolean spare, PieceLedger ledger, Courtesy courtesy) {
        this.courtesy = courtesy;
        this.channels = channels;
        this.incarnationId = incarnationId;
        this.coordinatorAddress = coordinatorAddress;
        this.spare = spare;
        this.ledger = ledger;
        neighbours = holders.stream().map(Neighbour::new).toList();
        web = origins.isEmpty() ? Optional.empty() : Optional.of(new Web(origins));
        coordinator = new GrpcPieceSource(channels, coordinatorAddress, COORDINATOR_PATIENCE,
                ledger::onFromCoordinator, courtesy);
    }

    @Override
    public List<PieceSource> of(Piece piece) {
        var with = new ArrayList<>(
                neighbours.stream().filter(neighbour -> neighbour.has(piece) && neighbour.isAskable()).toList());
        Collections.shuffle(with);
        with.sort(comparingInt(neighbour -> neighbour.busy.get()));
        List<PieceSource> sources = new ArrayList<>(with);
        web.filter(there -> there.isAskable(piece)).ifPresent(sources::add);
        sources.add(coordinator);
        return sources;
    }

    @Override
    public int copies(Piece piece) {
        return (int) neighbours.stream().filter(neighbour -> neighbour.has(piece)).count();
    }

    @Override
    public int width() {
        return web.isPresent() ? MAX_WIDTH : Math.min(MAX_WIDTH, 1 + neighbours.size());
    }

    @Override
    public void onWrong(PieceSource source, Piece piece) {
        switch (source) {
            case Neighbour neighbour -> ledger.onWrong(neighbour.holder, piece);
            case Web there -> ledger.onWrong(there.source.host(piece), piece);
            default -> LOG.warn("{} has sent wrong bytes of tensor {}", coordinatorAddress, piece.getTensorName());
        }
    }

    @Override
    public Set<String> mustKeep(String modelDigest, Set<String> pieces) {
        if (spare) {
            return pieces;
        }
        var request = ReleaseRequest.newBuilder().setModelDigest(modelDigest).setIncarnationId(incarnationId);
        pieces.forEach(sha256 -> request.addSha256(ByteString.copyFrom(HEX.parseHex(sha256))));
        ManagedChannel channel = channels.dial(coordinatorAddress, MAX_MESSAGE_BYTES, Channels.ANY_MEMBER);
        try {
            return CopiesGrpc.newBlockingStub(channel).withDeadlineAfter(RELEASE_SECONDS, TimeUnit.SECONDS)
                    .release(request.build()).getSha256List().stream()
                    .map(digest -> HEX.formatHex(digest.toByteArray())).collect(toImmutableSet());
        } catch (StatusRuntimeException e) {
            LOG.warn("Nothing is deleted to make room, since {} does not say whether others have it: {}",
                    coordinatorAddress, e.getMessage());
            return pieces;
        } finally {
            channel.shutdownNow();
        }
    }

    @Override
    public void close() {
        neighbours.forEach(Neighbour::close);
        web.ifPresent(Web::close);
        coordinator.close();
    }

    /** The web servers. */
    private final class Web implements PieceSource, AutoCloseable {
        private final WebPieceSource source;
        private volatile boolean left;

        Web(List<Origin> origins) {
            source = new WebPieceSource(origins.stream().flatMap(origin -> WebFile.of(origin).stream()).toList(),
                    ledger::onFromWeb, courtesy);
        }

        boolean isAskable(Piece piece) {
            return !left && source.has(piece) && ledger.trusts(source.host(piece));
        }

        @Override
        public void read(String modelDigest, Piece piece, Sink sink)
                throws WeightsUnavailableException, IOException, InterruptedException {
            if (!isAskable(piece)) {
                throw new WeightsUnavailableException(source.host(piece) + " is not asked any more.");
            }
            try {
                source.read(modelDigest, piece, sink);
            } catch (WeightsUnavailableException e) {
                LOG.warn("Another is asked: {}", e.getMessage());
                left = true;
                throw e;
            }
        }

        @Override
        public void close() {
            source.close();
        }
    }

    /** Another worker. */
    private final class Neighbour implements PieceSource, AutoCloseable {
        private final Holder holder;
        private final ImmutableSet<ByteString> pieces;
        private final GrpcPieceSource source;
        private final AtomicInteger busy = new AtomicInteger();
        private volatile boolean left;

        Neighbour(Holder holder) {
            this.holder = holder;
            pieces = ImmutableSet.copyOf(holder.getSha256List());
            source = new GrpcPieceSource(channels, holder.getAddress(), WORKER_PATIENCE, ledger::onFromWorker,
                    courtesy);
        }

        boolean has(Piece piece) {
            return pieces.contains(ByteString.copyFrom(HEX.parseHex(piece.getSha256())));
        }

        boolean isAskable() {
            return !left && ledger.trusts(holder);
        }

        @Override
        public void read(String modelDigest, Piece piece, Sink sink)
                throws WeightsUnavailableException, IOException, InterruptedException {
            if (!isAskable()) {
                throw new WeightsUnavailableException("Worker " + holder.getWorkerId() + " is not asked any more.");
            }
            busy.incrementAndGet();
            try {
                source.read(modelDigest, piece, sink);
            } catch (WeightsUnavailableException e) {
                LOG.info("Another is asked: {}", e.getMessage());
                left = !e.isRefusal();
                throw e;
            } finally {
                busy.decrementAndGet();
            }
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
