package org.barnraiser.coordinator.web;

import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.barnraiser.coordinator.plan.ModelNeeds;

/**
 * What the pages are told at their start.
 *
 * @param dataDirectory where a host may put {@code branding.json}; empty for none
 * @param zooKeeper connect string of the cluster, for those who lend a machine
 * @param kioskMinutes guest mode for everybody, and after how many idle minutes a conversation is forgotten; empty for off
 * @param hosted what the hosted model takes
 */
public record WebSettings(Optional<Path> dataDirectory, String zooKeeper, OptionalInt kioskMinutes,
        Optional<ModelNeeds> hosted) {

    private static final ImmutableSet<String> LOOPBACK = ImmutableSet.of("localhost", "127.0.0.1", "::1", "");

    /** Nothing but the pages. */
    public static WebSettings standard() {
        return new WebSettings(Optional.empty(), "", OptionalInt.empty(), Optional.empty());
    }

    /** Whether other machines can reach the cluster's ZooKeeper, as far as its address tells. */
    boolean reachable() {
        String servers = zooKeeper.replaceFirst("/.*", "");
        return Arrays.stream(servers.split(",", -1)).noneMatch(server -> LOOPBACK.contains(host(server)));
    }

    private static String host(String server) {
        return server.replaceFirst(":\\d+$", "").replaceAll("[\\[\\]]", "");
    }
}
