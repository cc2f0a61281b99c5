package org.barnraiser.coordinator.web;

import java.nio.file.Path;
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

    /** Nothing but the pages. */
    public static WebSettings standard() {
        return new WebSettings(Optional.empty(), "", OptionalInt.empty(), Optional.empty());
    }
}
