package org.barnraiser.testing.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Somebody on the network who knows no manners: what it sends is sound in parts at most. Always the same. */
final class HostilePeer implements AutoCloseable {
    private static final int SILENT = 32;
    private static final int READ_MILLIS = 20;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final List<Socket> silent = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(7);

    /** Sends all it has, each on a connection of its own; stays connected to say nothing until it is closed. */
    void visit(InetSocketAddress port) throws IOException {
        for (int i = 0; i < SILENT; i++) {
            Socket socket = connect(port);
            silent.add(socket);
            if (i % 4 == 1) {
                socket.shutdownOutput();
            } else if (i % 4 == 2) {
                socket.getOutputStream().write(PREFACE, 0, 10);
            }
        }
        for (byte[] bytes : cases().values()) {
            try (Socket socket = connect(port)) {
                socket.setSoTimeout(READ_MILLIS);
                socket.getOutputStream().write(bytes);
                while (socket.getInputStream().read(new byte[1 << 16]) >= 0) {
                    // Whatever it answers is well.
                }
            } catch (SocketException | java.net.SocketTimeoutException _) {
                // Cut off, or listened to in silence: both are well.
            }
        }
    }

    private static Socket connect(InetSocketAddress port) throws IOException {
        return new Socket(port.getAddress(), port.getPort());
    }

    Map<String, byte[]> cases() throws IOException {
        Map<String, byte[]> cases = new LinkedHashMap<>();
        for (int length : new int[]{1, 9, 100, 5_000, 100_000}) {
            cases.put("random " + length, random(length));
            cases.put("random frames " + length, http2(random(length)));
        }
        cases.put("zeroes", new byte[70_000]);
        cases.put("a TLS client", new byte[]{0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
        cases.put("HTTP/1.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        cases.put("ZooKeeper with a length without end",
                ByteBuffer.allocate(8).putInt(Integer.MAX_VALUE).putInt(0).array());
        cases.put("ZooKeeper with a negative length", ByteBuffer.allocate(8).putInt(-1).putInt(0).array());
        cases.put("a frame longer than allowed", http2(frame(0, 0, 1, new byte[1 << 20])));
        cases.put("headers of no stream", http2(frame(1, 4, 0, random(20))));
        cases.put("headers that never end", http2(repeated(frame(9, 0, 1, random(1_000)), 500)));
        cases.put("headers of no code", http2(frame(1, 5, 1, random(200))));
        cases.put("data of no stream", http2(frame(0, 1, 77, random(100))));
        cases.put("a window of nothing", http2(frame(8, 0, 0, new byte[4])));
        cases.put("settings that contradict", http2(frame(4, 0, 0, random(60))));
        cases.put("pings", http2(repeated(frame(6, 0, 0, new byte[8]), 5_000)));
        cases.put("rapid resets", http2(resets()));
        for (String method : List.of("Stage/Steps", "Stage/Results", "WorkerControl/LoadShard", "Weights/Fetch",
                "Leader/Generate", "No/Such")) {
            cases.put(method + " with a message without end", call(method, 0, Integer.MAX_VALUE, random(100)));
            cases.put(method + " with noise", call(method, 0, 100, random(100)));
            cases.put(method + " compressed with nothing", call(method, 1, 100, random(100)));
        }
        return cases;
    }

    private byte[] call(String method, int compressed, int length, byte[] message) throws IOException {
        byte[] data = ByteBuffer.allocate(5 + message.length).put((byte) compressed).putInt(length).put(message)
                .array();
        return http2(joined(frame(1, 4, 1, headers(method)), frame(0, 0, 1, data)));
    }

    private static byte[] resets() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int stream = 1; stream < 4_000; stream += 2) {
            all.write(frame(1, 4, stream, headers("Stage/Steps")));
            all.write(frame(3, 0, stream, new byte[]{0, 0, 0, 8}));
        }
        return all.toByteArray();
    }

    /** Literal fields, which nothing remembers. */
    private static byte[] headers(String method) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        String[] fields = {":method", "POST", ":scheme", "http", ":path", "/barnraiser.v1." + method, ":authority", "a",
                "content-type", "application/grpc", "te", "trailers"};
        for (int i = 0; i < fields.length; i += 2) {
            block.write(0);
            for (String text : List.of(fields[i], fields[i + 1])) {
                block.write(text.length());
                block.write(text.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return block.toByteArray();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length).putShort((short) (payload.length >> 8))
                .put((byte) payload.length).put((byte) type).put((byte) flags).putInt(stream).put(payload).array();
    }

    /** After a beginning as it should be. */
    private static byte[] http2(byte[] frames) throws IOException {
        return joined(PREFACE, frame(4, 0, 0, new byte[0]), frames);
    }

    private static byte[] repeated(byte[] part, int times) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.write(part);
        }
        return all.toByteArray();
    }

    private static byte[] joined(byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.write(part);
        }
        return all.toByteArray();
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : silent) {
            socket.close();
        }
    }
}
