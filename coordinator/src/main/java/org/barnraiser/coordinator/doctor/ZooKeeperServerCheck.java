package org.barnraiser.coordinator.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One server of the ensemble, asked by ZooKeeper's four-letter word {@code srvr}. */
final class ZooKeeperServerCheck implements Check {
    private static final int PATIENCE_MILLIS = 3_000;
    private static final int MAX_ANSWER = 8 << 10;
    private static final int DEFAULT_PORT = 2181;
    private static final Pattern MODE = Pattern.compile("^Mode: (\\w{1,20})$", Pattern.MULTILINE);
    private static final Pattern VERSION = Pattern.compile("^Zookeeper version: ([\\w.]{1,20})", Pattern.MULTILINE);

    private final String server;

    /** @param server {@code host[:port]} */
    ZooKeeperServerCheck(String server) {
        this.server = server;
    }

    @Override
    public String subject() {
        return "ZooKeeper";
    }

    @Override
    public List<Finding> findings() {
        try {
            return List.of(of(srvr()));
        } catch (SocketTimeoutException _) {
            return List.of(Finding.broken(subject(),
                    server + " says nothing within " + PATIENCE_MILLIS / 1000 + " s.",
                    "See that the machine is on, that"
                            + " ZooKeeper runs there, and that no firewall drops what is sent to this port."));
        } catch (IOException | IllegalArgumentException e) {
            return List.of(Finding.broken(subject(), server + " cannot be reached: " + e.getMessage() + ".",
                    "See that the address is right, and that ZooKeeper runs there and listens to other machines."));
        }
    }

    private String srvr() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address(), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
        }
    }

    private InetSocketAddress address() throws IOException {
        int colon = server.lastIndexOf(':');
        String host = colon < 0 ? server : server.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        int port = colon < 0 ? DEFAULT_PORT : Integer.parseInt(server.substring(colon + 1));
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IOException("the name " + host + " is not known here");
        }
        return address;
    }

    private Finding of(String answer) {
        Matcher mode = MODE.matcher(answer);
        if (mode.find()) {
            Matcher version = VERSION.matcher(answer);
            return Finding.ok(subject(), server + " answers" + (version.find() ? ", version " + version.group(1) : "")
                    + ", as " + mode.group(1) + ".");
        }
        if (answer.contains("not in the whitelist")) {
            return Finding.ok(subject(), server + " answers, but does not tell how it runs.");
        }
        return Finding.broken(subject(), server + (answer.contains("not currently serving")
                ? " runs, but does not serve: it does not see most of its fellow servers."
                : " answers, but not as a ZooKeeper does."), "See its own log, and whether the others run.");
    }
}
