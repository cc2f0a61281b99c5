package org.barnraiser.trust.reach;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.barnraiser.proto.Carried;
import org.jspecify.annotations.Nullable;

/**
 * A connection's bytes as the messages of a gRPC call. The first message that comes says what the call is for; no other is asked for
 * until it is joined to another pipe, and then only as fast as that one takes them.
 */
final class CallPipe implements Pipe, StreamObserver<Carried> {
    private final CallStreamObserver<Carried> out;
    private final Consumer<Carried> onFirst;
    private final Runnable onEnd;
    private final AtomicBoolean withheld = new AtomicBoolean();
    private volatile @Nullable Pipe other;
    private volatile boolean ended;

    /**
     * Made while the call is being set up, with its flow control switched off.
     *
     * @param onFirst gets the first message, on the network's thread
     * @param onEnd is called once, whoever ends it
     */
    CallPipe(CallStreamObserver<Carried> out, Consumer<Carried> onFirst, Runnable onEnd) {
        this.out = out;
        this.onFirst = onFirst;
        this.onEnd = onEnd;
        out.setOnReadyHandler(this::onReady);
    }

    /** From now on what comes here goes there; to be done on both sides. */
    void joinTo(Pipe pipe) {
        other = pipe;
        if (ended) {
            pipe.end();
        } else {
            out.request(1);
        }
    }

    boolean hasEnded() {
        return ended;
    }

    /** Says something other than bytes. */
    synchronized void say(Carried message) {
        if (!ended) {
            out.onNext(message);
        }
    }

    /** Ends the call with a reason. */
    void refuse(Status reason) {
        if (claimEnd()) {
            synchronized (this) {
                out.onError(reason.asRuntimeException());
            }
            onEnd.run();
        }
    }

    private synchronized boolean claimEnd() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    private void onReady() {
        Pipe pipe = other;
        if (pipe != null) {
            pipe.resume();
        }
    }

    @Override
    public void onNext(Carried message) {
        Pipe pipe = other;
        if (pipe == null) {
            onFirst.accept(message);
            return;
        }
        pipe.send(message.getBytes());
        withheld.set(true);
        if (pipe.isReady()) {
            resume();
        }
    }

    @Override
    public void send(ByteString bytes) {
        say(Carried.newBuilder().setBytes(bytes).build());
    }

    @Override
    public boolean isReady() {
        return out.isReady();
    }

    @Override
    public void resume() {
        if (withheld.compareAndSet(true, false)) {
            out.request(1);
        }
    }

    @Override
    public void end() {
        if (claimEnd()) {
            synchronized (this) {
                out.onCompleted();
            }
            onEnd.run();
        }
    }

    @Override
    public void onError(Throwable error) {
        if (claimEnd()) {
            onEnd.run();
        }
        endOther();
    }

    @Override
    public void onCompleted() {
        end();
        endOther();
    }

    private void endOther() {
        Pipe pipe = other;
        if (pipe != null) {
            pipe.end();
        }
    }
}
