package org.barnraiser.trust.reach;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.Carried;
import org.barnraiser.proto.ListenRequest;
import org.barnraiser.proto.ReachGrpc;
import org.barnraiser.proto.SummonRequest;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.reach.Village.Relay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Whoever calls a relay with bad intent is refused, holds nothing open, and keeps nobody else from being reached. */
class HostileCallersTest {
    private static final String LINE = "attic~1";
    private static final long PATIENCE_SECONDS = 60;
    /** As many as one member may have open at a time. */
    private static final int MOST_OF_ONE = 64;

    @TempDir
    private Path folder;

    private final Village village = new Village();
    private Authority authority;
    private Relay relay;
    private Links mallory;

    @BeforeEach
    void makeCluster() throws Exception {
        authority = Authority.openOrCreate(folder, InstantSource.system());
        relay = village.relay(member("hall"), 0);
        mallory = member("mallory");
        village.own(village.house(member("attic"), relay).waitAs(LINE));
    }

    @AfterEach
    void closeAll() throws Exception {
        village.close();
    }

    private Links member(String id) throws TrustException {
        return new SecureLinks(authority.credentials(new Identity(Role.WORKER, id), Duration.ofDays(1)));
    }

    private ReachGrpc.ReachStub calls(Links from) {
        ManagedChannel channel = Village.channel(from, relay.address());
        village.own(channel::shutdownNow);
        return ReachGrpc.newStub(channel);
    }

    /** A call of which only the end counts. */
    private static final class Ending implements StreamObserver<Carried> {
        private final CompletableFuture<Carried> first = new CompletableFuture<>();
        private final CompletableFuture<Status.Code> end = new CompletableFuture<>();

        @Override
        public void onNext(Carried message) {
            first.complete(message);
        }

        @Override
        public void onError(Throwable error) {
            end.complete(Status.fromThrowable(error).getCode());
        }

        @Override
        public void onCompleted() {
            end.complete(Status.Code.OK);
        }

        Status.Code await() throws Exception {
            return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void assertOthersAreReached() throws Exception {
        ReachingLinks cellar = village.house(member("cellar"), relay).reaching(false);
        ManagedChannel channel = Village.channel(cellar, "+" + LINE);
        village.own(channel::shutdownNow);
        assertThat(Village.ask(channel, "hello")).isEqualTo("hello");
    }

    @Test
    void nobody_waits_in_anothers_name_or_calls_where_nobody_waits() throws Exception {
        var blocking = ReachGrpc.newBlockingStub(calls(mallory).getChannel()).withDeadlineAfter(PATIENCE_SECONDS,
                TimeUnit.SECONDS);
        for (String name : List.of(LINE, "attic~2", "", "mallory", "~", "mallory~", "mallory~1\n",
                "mallory~" + "x".repeat(200))) {
            assertThat(code(() -> blocking.listen(ListenRequest.newBuilder().setLine(name).build()).next())).as(name)
                    .isEqualTo(Status.Code.PERMISSION_DENIED);
        }
        assertThat(code(() -> blocking.summon(SummonRequest.newBuilder().setLine("nobody~1").setAddress("here:1")
                .build()))).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(code(() -> blocking.summon(SummonRequest.newBuilder().setLine(LINE).setAddress("no address")
                .build()))).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertOthersAreReached();
    }

    private interface Call {
        Object run();
    }

    private static Status.Code code(Call call) {
        try {
            call.run();
            return Status.Code.OK;
        } catch (RuntimeException e) {
            return Status.fromThrowable(e).getCode();
        }
    }

    @Test
    void random_messages_are_refused_and_leave_nothing_behind() throws Exception {
        Random random = new Random(7);
        ReachGrpc.ReachStub stub = calls(mallory);
        for (int attempt = 0; attempt < 200; attempt++) {
            Ending ending = new Ending();
            StreamObserver<Carried> call = random.nextBoolean() ? stub.connect(ending) : stub.answer(ending);
            call.onNext(garbage(random));
            if (random.nextBoolean()) {
                call.onNext(garbage(random));
            }
            assertThat(ending.await()).isIn(Status.Code.NOT_FOUND, Status.Code.PERMISSION_DENIED);
        }
        assertOthersAreReached();
    }

    private static Carried garbage(Random random) {
        byte[] bytes = new byte[random.nextInt(100)];
        random.nextBytes(bytes);
        Carried.Builder message = Carried.newBuilder();
        if (random.nextBoolean()) {
            message.setLine("l" + random.nextInt());
        }
        if (random.nextBoolean()) {
            message.setTicket(ByteString.copyFrom(bytes));
        }
        return message.setBytes(ByteString.copyFrom(bytes)).build();
    }

    @Test
    void calls_that_say_nothing_end_by_themselves_and_are_few() throws Exception {
        ReachGrpc.ReachStub stub = calls(mallory);
        List<Ending> silent = new ArrayList<>();
        for (int call = 0; call < MOST_OF_ONE + 1; call++) {
            silent.add(new Ending());
            var _ = stub.connect(silent.getLast());
        }
        assertOthersAreReached();
        // They are looked at side by side, so any of them may be the one too many.
        List<Status.Code> codes = new ArrayList<>();
        for (Ending ending : silent) {
            codes.add(ending.await());
        }
        assertThat(codes).containsOnly(Status.Code.RESOURCE_EXHAUSTED, Status.Code.DEADLINE_EXCEEDED)
                .containsOnlyOnce(Status.Code.RESOURCE_EXHAUSTED);
        Ending again = new Ending();
        stub.connect(again).onNext(Carried.newBuilder().setLine("nobody~1").build());
        assertThat(again.await()).as("there is room again").isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void bytes_that_are_no_tls_end_the_connection_at_the_called_member() throws Exception {
        Ending ending = new Ending();
        StreamObserver<Carried> call = calls(mallory).connect(ending);
        call.onNext(Carried.newBuilder().setLine(LINE).build());
        var _ = ending.first.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        call.onNext(Carried.newBuilder().setBytes(ByteString.copyFromUtf8("GET / HTTP/1.1\r\n\r\n")).build());
        assertThat(ending.await()).isEqualTo(Status.Code.OK);
        assertOthersAreReached();
    }
}
