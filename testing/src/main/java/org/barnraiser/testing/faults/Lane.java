package org.barnraiser.testing.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** One direction of a connection: a thread that reads, a thread that writes when the {@link Flow} allows, and what is on the way between. */
final class Lane {
    private static final int PIECE_BYTES = 16 << 10;
    /** 4 MiB: more than is on the way at 100 Mbit/s and 300 ms. */
    private static final int MOST_PIECES = 256;

    private final Socket from;
    private final Socket to;
    private final Flow flow;
    private final BlockingQueue<Item> onTheWay = new ArrayBlockingQueue<>(MOST_PIECES);

    /** What travels. */
    private sealed interface Item {

        long cameNanos();

        /** Some bytes. */
        final class Piece implements Item {
            private final byte[] bytes;
            private final int length;
            private final long cameNanos;

            Piece(byte[] bytes, int length, long cameNanos) {
                this.bytes = bytes;
                this.length = length;
                this.cameNanos = cameNanos;
            }

            @Override
            public long cameNanos() {
                return cameNanos;
            }
        }

        /** Nothing more comes. */
        record End(long cameNanos) implements Item {}

        /** The connection broke. */
        record Reset(long cameNanos) implements Item {}
    }

    /** How a direction ended. */
    enum Ending {
        END, RESET
    }

    Lane(Socket from, Socket to, Flow flow) {
        this.from = from;
        this.to = to;
        this.flow = flow;
    }

    /** Blocks until the direction has ended. */
    Ending run() {
        Thread reader = Thread.ofVirtual().name("proxy-read").start(this::read);
        try {
            return write();
        } catch (IOException _) {
            return Ending.RESET;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Ending.RESET;
        } finally {
            reader.interrupt();
        }
    }

    private void read() {
        try {
            InputStream in = from.getInputStream();
            byte[] bytes = new byte[PIECE_BYTES];
            int length;
            while ((length = in.read(bytes)) >= 0) {
                onTheWay.put(new Item.Piece(bytes, length, System.nanoTime()));
                bytes = new byte[PIECE_BYTES];
            }
            onTheWay.put(new Item.End(System.nanoTime()));
        } catch (IOException _) {
            try {
                onTheWay.put(new Item.Reset(System.nanoTime()));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Ending write() throws IOException, InterruptedException {
        OutputStream out = to.getOutputStream();
        while (true) {
            Item item = onTheWay.take();
            int bytes = item instanceof Item.Piece piece ? piece.length : 0;
            // An end or a reset travels like a byte: who is held does not hear of it.
            if (!flow.admit(bytes, item.cameNanos())) {
                return Ending.RESET;
            }
            switch (item) {
                case Item.Piece piece -> out.write(piece.bytes, 0, piece.length);
                case Item.End _ -> {
                    to.shutdownOutput();
                    return Ending.END;
                }
                case Item.Reset _ -> {
                    return Ending.RESET;
                }
            }
        }
    }
}
