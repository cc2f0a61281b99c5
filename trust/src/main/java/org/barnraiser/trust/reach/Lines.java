package org.barnraiser.trust.reach;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.barnraiser.proto.Summons;

/** Who waits here to be called. Thread-safe; never blocks. */
final class Lines {
    private final int most;
    private final Map<String, ServerCallStreamObserver<Summons>> waiting = new ConcurrentHashMap<>();

    /** @param most 0 for who is no relay */
    Lines(int most) {
        this.most = most;
    }

    /** Somebody waits from now on, until the call ends; one who comes back takes its own place. */
    void add(String line, ServerCallStreamObserver<Summons> call) {
        if (waiting.size() >= most && !waiting.containsKey(line)) {
            call.onError(Status.RESOURCE_EXHAUSTED.withDescription(most == 0
                    ? "This member is no relay."
                    : "At most " + most + " can wait at this relay.").asRuntimeException());
            return;
        }
        call.setOnCancelHandler(() -> waiting.remove(line, call));
        ServerCallStreamObserver<Summons> before = waiting.put(line, call);
        if (before != null) {
            end(before);
        }
        say(call, Summons.getDefaultInstance());
    }

    private static void end(ServerCallStreamObserver<Summons> call) {
        synchronized (call) {
            if (!call.isCancelled()) {
                call.onError(Status.ABORTED.withDescription("The member waits here anew.").asRuntimeException());
            }
        }
    }

    boolean has(String line) {
        return waiting.containsKey(line);
    }

    /** Says whether somebody waits there who takes it. */
    boolean summon(String line, Summons summons) {
        ServerCallStreamObserver<Summons> call = waiting.get(line);
        return call != null && call.isReady() && say(call, summons);
    }

    private static boolean say(ServerCallStreamObserver<Summons> call, Summons summons) {
        synchronized (call) {
            if (call.isCancelled()) {
                return false;
            }
            call.onNext(summons);
            return true;
        }
    }
}
