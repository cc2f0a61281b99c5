package org.barnraiser.helm.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.YamlText;

/** The compose file. */
final class Compose {
    private Compose() {}

    static JsonNode read() throws IOException {
        return YamlText.parse(Files.readString(SourceTree.path("compose.yaml"))).getFirst();
    }

    /** What a service's container is given as arguments. */
    static List<String> command(String service) throws IOException {
        return read().path("services").path(service).path("command").valueStream().map(JsonNode::asText).toList();
    }
}
