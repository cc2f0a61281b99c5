package org.barnraiser.coordinator.doctor;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.trust.reach.ReachService;

/** What a coordinator shows of itself: the cluster's state over HTTP, with its clock's time, and a gRPC port. */
final class FakeCoordinator implements AutoCloseable {
    static final String DIGEST = "ab".repeat(32);

    private final ServerSocket http;
    private final Server grpc;
    private final String id;
    private volatile String digest = DIGEST;
    private volatile String reason = "";
    private volatile Duration clockAhead = Duration.ZERO;

    FakeCoordinator(String id) throws IOException {
        this.id = id;
        grpc = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ReachService.relay()).build().start();
        http = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::serve);
    }

    FakeCoordinator notReady(String why) {
        reason = why;
        return this;
    }

    FakeCoordinator hosting(String otherDigest) {
        digest = otherDigest;
        return this;
    }

    FakeCoordinator withClockAhead(Duration time) {
        clockAhead = time;
        return this;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + http.getLocalPort());
    }

    CoordinatorRecord record() {
        return CoordinatorRecord.newBuilder().setCoordinatorId(id).setHttpAddress("127.0.0.1:" + http.getLocalPort())
                .setGrpcAddress("127.0.0.1:" + grpc.getPort()).setPid(1).build();
    }

    private void serve() {
        while (!http.isClosed()) {
            try (Socket socket = http.accept()) {
                answer(socket);
            } catch (IOException _) {
                // A client that only looked, or the end.
            }
        }
    }

    private void answer(Socket socket) throws IOException {
        BufferedReader request = new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        for (String line = request.readLine(); line != null && !line.isEmpty(); line = request.readLine()) {
            // Headers say nothing of interest.
        }
        String body = "{\"model\":{\"name\":\"barn-model\",\"digest\":\"" + digest + "\",\"ready\":" + reason.isEmpty()
                + ",\"reason\":\"" + reason + "\"},\"plan\":{\"epoch\":3,\"pipelines\":[]},\"workers\":[]}";
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).plus(clockAhead));
        socket.getOutputStream().write(("HTTP/1.1 200 OK\r\nConnection: close\r\nDate: " + date
                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        http.close();
        grpc.shutdownNow();
    }
}
