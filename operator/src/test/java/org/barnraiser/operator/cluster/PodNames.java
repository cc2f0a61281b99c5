package org.barnraiser.operator.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.barnraiser.operator.kube.Tree;

/** What DNS says in Kubernetes, as a hosts file that Java reads: Services, and pods of StatefulSets, with the addresses of their processes. */
final class PodNames {
    private final Path file;
    private final Path security;
    private final String namespace;
    private String written = "";

    /** A pod that has an address. */
    record Entry(String name, String subdomain, Map<String, String> labels, String address, boolean ready) {}

    PodNames(Path folder, String namespace) throws IOException {
        this.namespace = namespace;
        file = Files.createDirectories(folder).resolve("hosts");
        security = folder.resolve("security.properties");
        // Addresses change quickly here.
        Files.writeString(security, "networkaddress.cache.ttl=1\nnetworkaddress.cache.negative.ttl=0\n");
        write(List.of(), List.of());
    }

    /** Environment of processes that are to know these names. */
    Map<String, String> environment() {
        return Map.of("JDK_JAVA_OPTIONS", "-Djdk.net.hosts.file=" + file + " -Djava.security.properties=" + security);
    }

    /** From now on they are these. */
    void write(List<Tree> services, List<Entry> pods) throws IOException {
        Set<String> lines = new TreeSet<>(Set.of("127.0.0.1 localhost",
                "127.0.0.1 " + InetAddress.getLocalHost().getHostName()));
        for (Tree service : services) {
            String name = service.at("metadata", "name").text() + "." + namespace + ".svc";
            Map<String, String> selector = service.at("spec", "selector").texts();
            boolean unready = service.at("spec", "publishNotReadyAddresses").flag(false);
            for (Entry pod : pods) {
                if (!selector.isEmpty() && pod.labels().entrySet().containsAll(selector.entrySet())
                        && (pod.ready() || unready)) {
                    lines.add(pod.address() + " " + name);
                    // As pods of the same namespace say.
                    lines.add(pod.address() + " " + service.at("metadata", "name").text());
                    if (service.at("metadata", "name").text().equals(pod.subdomain())) {
                        lines.add(pod.address() + " " + pod.name() + "." + name);
                    }
                }
            }
        }
        String text = String.join("\n", lines) + "\n";
        if (!text.equals(written)) {
            Path next = Files.writeString(file.resolveSibling("hosts.new"), text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written = text;
        }
    }
}
