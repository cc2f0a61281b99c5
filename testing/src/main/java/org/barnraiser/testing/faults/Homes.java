package org.barnraiser.testing.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Homes on a street: network namespaces of Linux that are joined by a bridge. A home that is shut lets connections out and takes none: what
 * comes for a port below those of outgoing connections is dropped without a word, by a rule of its routing, so that no firewall is needed.
 * Needs root. Closing it takes all of them down.
 */
public final class Homes implements AutoCloseable {
    private static final long COMMAND_SECONDS = 30;
    private static final int FIRST_HOST = 10;
    /** More homes than any street has. */
    private static final int MOVE = 40;

    private final String mark = Integer.toHexString(ThreadLocalRandom.current().nextInt(0x1000, 0x10000));
    private final String network = "10." + ThreadLocalRandom.current().nextInt(200, 250) + "."
            + ThreadLocalRandom.current().nextInt(250);
    private final List<Home> homes = new ArrayList<>();

    private Homes() {}

    /**
     * Builds the street.
     *
     * @throws IOException when that is not possible here, with the reason
     */
    public static Homes build() throws IOException {
        Homes built = new Homes();
        try {
            built.ip("link", "add", built.bridge(), "type", "bridge");
            built.ip("addr", "add", built.street() + "/24", "dev", built.bridge());
            built.ip("link", "set", built.bridge(), "up");
            // Whether rules can tell ports apart is found out before anybody relies on it.
            built.add().shut();
            return built;
        } catch (IOException e) {
            built.close();
            throw e;
        }
    }

    /** This machine's address on the street, which every home reaches. */
    public String street() {
        return network + ".1";
    }

    private String bridge() {
        return "bb" + mark;
    }

    /** One more home, open to the street. */
    public Home add() throws IOException {
        Home home = new Home(homes.size());
        homes.add(home);
        home.make();
        return home;
    }

    private void ip(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        for (Home home : homes) {
            tryIp("netns", "del", home.space());
        }
        tryIp("link", "del", bridge());
    }

    private void tryIp(String... words) {
        try {
            ip(words);
        } catch (IOException _) {
            // It was never made.
        }
    }

    /** One home. */
    public final class Home {
        private final int number;
        private int moves;

        private Home(int number) {
            this.number = number;
        }

        private String space() {
            return "barn" + mark + "-" + number;
        }

        private String cable() {
            return "bh" + mark + number;
        }

        private void make() throws IOException {
            ip("netns", "add", space());
            ip("link", "add", cable(), "type", "veth", "peer", "name", "eth0", "netns", space());
            ip("link", "set", cable(), "master", bridge(), "up");
            inside("addr", "add", address() + "/24", "dev", "eth0");
            inside("link", "set", "lo", "up");
            inside("link", "set", "eth0", "up");
            // The rules below must come before the one that takes what is for this machine.
            inside("rule", "add", "pref", "100", "lookup", "local");
            inside("rule", "del", "pref", "0");
        }

        private void inside(String... words) throws IOException {
            List<String> command = new ArrayList<>(List.of("-n", space()));
            command.addAll(List.of(words));
            ip(command.toArray(new String[0]));
        }

        public String address() {
            return network + "." + (FIRST_HOST + number + MOVE * moves);
        }

        /** What a command is put behind to run here. */
        public List<String> within() {
            return List.of("ip", "netns", "exec", space());
        }

        /** From now on nobody can connect to a port below 32,768 here; what is connected stays so. */
        public void shut() throws IOException {
            inside("rule", "add", "pref", "10", "iif", "eth0", "ipproto", "tcp", "dport", "1-32767", "blackhole");
        }

        /** The cable is pulled. */
        public void unplug() throws IOException {
            ip("link", "set", cable(), "down");
        }

        public void plug() throws IOException {
            ip("link", "set", cable(), "up");
        }

        /** The address is taken away and another one given, as routers do: what was connected hears nothing of it. */
        public void move() throws IOException {
            inside("addr", "del", address() + "/24", "dev", "eth0");
            moves++;
            inside("addr", "add", address() + "/24", "dev", "eth0");
        }
    }
}
