package org.barnraiser.trust.reach;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection's bytes from and to a socket of this machine, with a virtual thread for each direction. Owns the socket. */
final class SocketPipe implements Pipe {
    private static final Logger LOG = LoggerFactory.getLogger(SocketPipe.class);
    private static final int CHUNK_BYTES = 32 << 10;
    private static final int QUEUED_CHUNKS = 16;
    /** Nobody depends on it: whoever can take more says so. */
    private static final long LOOK_SECONDS = 1;

    private final Socket socket;
    private final Pipe other;
    private final BlockingQueue<ByteString> outgoing = new ArrayBlockingQueue<>(QUEUED_CHUNKS);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition resumed = lock.newCondition();
    private volatile boolean ended;

    private SocketPipe(Socket socket, Pipe other) {
        this.socket = socket;
        this.other = other;
    }

    /** Begins to pass bytes between both. */
    static SocketPipe join(Socket socket, CallPipe call) {
        var pipe = new SocketPipe(socket, call);
        call.joinTo(pipe);
        Thread.ofVirtual().name("carry-out").start(pipe::read);
        Thread.ofVirtual().name("carry-in").start(pipe::write);
        return pipe;
    }

    private void read() {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            InputStream in = socket.getInputStream();
            for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                other.send(ByteString.copyFrom(chunk, 0, length));
                awaitOther();
            }
        } catch (IOException e) {
            LOG.debug("A carried connection has ended here: {}", e.toString());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        end();
        other.end();
    }

    private void awaitOther() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!ended && !other.isReady()) {
                var _ = resumed.await(LOOK_SECONDS, TimeUnit.SECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        try {
            OutputStream out = socket.getOutputStream();
            while (!ended || !outgoing.isEmpty()) {
                ByteString bytes = outgoing.poll(LOOK_SECONDS, TimeUnit.SECONDS);
                if (bytes != null) {
                    bytes.writeTo(out);
                    other.resume();
                }
            }
        } catch (IOException e) {
            LOG.debug("A carried connection takes no more here: {}", e.toString());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        end();
        close();
        other.end();
    }

    @Override
    public void send(ByteString bytes) {
        if (!outgoing.offer(bytes)) {
            throw new IllegalStateException("More was sent than was asked for");
        }
    }

    @Override
    public boolean isReady() {
        return outgoing.size() < QUEUED_CHUNKS / 2;
    }

    @Override
    public void resume() {
        lock.lock();
        try {
            resumed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void end() {
        if (!ended) {
            ended = true;
            // The writer lets go what is left; an empty piece wakes it, and a full queue keeps it awake.
            var _ = outgoing.offer(ByteString.EMPTY);
            resume();
        }
    }

    private void close() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("A socket does not close: {}", e.toString());
        }
    }
}
