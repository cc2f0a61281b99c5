package org.barnraiser.testing.cluster;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The TCP ports on which processes listen, as Linux tells them. */
final class ListeningPorts {
    private static final String LISTENING = "0A";

    private ListeningPorts() {}

    static boolean canBeTold() {
        return Files.isReadable(Path.of("/proc/net/tcp"));
    }

    static Set<Integer> of(List<ProcessHandle> processes) throws IOException {
        Set<String> sockets = new HashSet<>();
        for (ProcessHandle process : processes) {
            sockets.addAll(sockets(process));
        }
        Set<Integer> ports = new TreeSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.exists(Path.of(table)) ? Files.readAllLines(Path.of(table)) : List.<String>of()) {
                List<String> columns = Splitter.on(' ').trimResults().omitEmptyStrings().splitToList(line);
                if (columns.get(3).equals(LISTENING) && sockets.contains("socket:[" + columns.get(9) + "]")) {
                    String address = columns.get(1);
                    ports.add(Integer.parseInt(address.substring(address.indexOf(':') + 1), 16));
                }
            }
        }
        return ports;
    }

    private static Set<String> sockets(ProcessHandle process) throws IOException {
        Set<String> sockets = new HashSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            for (Path file : files.toList()) {
                // What was closed meanwhile was no listener.
                if (Files.isSymbolicLink(file)) {
                    sockets.add(Files.readSymbolicLink(file).toString());
                }
            }
        }
        return sockets;
    }
}
