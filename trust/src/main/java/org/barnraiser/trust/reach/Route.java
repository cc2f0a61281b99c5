package org.barnraiser.trust.reach;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Tells gRPC where to dial for a member: its own address as long as that can be dialled, and after it a {@link Doorway}. Looks again
 * whenever gRPC has lost a connection, and now and then while it has to do without the direct one, which new connections then take.
 */
final class Route extends NameResolver {
    private static final long LOOK_AGAIN_SECONDS = 20;

    private final Whereabouts member;
    private final Dialling dialling;
    private final DoorwayOpener opener;
    private final Semaphore reasons = new Semaphore(0);
    private volatile boolean ended;

    interface DoorwayOpener {
        Doorway open() throws IOException;
    }

    Route(Whereabouts member, Dialling dialling, DoorwayOpener opener) {
        this.member = member;
        this.dialling = dialling;
        this.opener = opener;
    }

    @Override
    public String getServiceAuthority() {
        return "barnraiser";
    }

    @Override
    public void start(Listener2 listener) {
        Thread.ofVirtual().name("route").start(() -> keep(listener));
    }

    private void keep(Listener2 listener) {
        try (Doorway doorway = opener.open()) {
            boolean reached = looks();
            tell(listener, doorway, reached);
            while (!ended) {
                boolean asked = (reached || member.direct().isEmpty())
                        ? acquire()
                        : reasons.tryAcquire(LOOK_AGAIN_SECONDS, TimeUnit.SECONDS);
                reasons.drainPermits();
                boolean before = reached;
                reached = !ended && looks();
                if (!ended && (asked || reached != before)) {
                    tell(listener, doorway, reached);
                }
            }
        } catch (IOException e) {
            listener.onError(Status.UNAVAILABLE.withDescription("No port is free on this machine").withCause(e));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean acquire() throws InterruptedException {
        reasons.acquire();
        return true;
    }

    private boolean looks() {
        return member.direct().isPresent() && dialling.reaches(member.direct().get());
    }

    private void tell(Listener2 listener, Doorway doorway, boolean reached) {
        List<EquivalentAddressGroup> addresses = new ArrayList<>();
        if (reached) {
            String address = member.direct().orElseThrow();
            addresses.add(new EquivalentAddressGroup(
                    new InetSocketAddress(Whereabouts.host(address), Whereabouts.port(address))));
        }
        addresses.add(new EquivalentAddressGroup(doorway.address()));
        listener.onResult(ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(addresses)).build());
    }

    @Override
    public void refresh() {
        reasons.release();
    }

    @Override
    public void shutdown() {
        ended = true;
        reasons.release();
    }
}
