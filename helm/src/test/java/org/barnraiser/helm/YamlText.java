package org.barnraiser.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** YAML as trees. */
public final class YamlText {
    private static final ObjectMapper JSON = new ObjectMapper();

    private YamlText() {}

    /** Its documents, empty ones left out; a key that comes twice is a mistake. */
    public static List<JsonNode> parse(String text) {
        LoaderOptions strict = new LoaderOptions();
        strict.setAllowDuplicateKeys(false);
        return StreamSupport.stream(new Yaml(new SafeConstructor(strict)).loadAll(text).spliterator(), false)
                .filter(Objects::nonNull).<JsonNode>map(JSON::valueToTree).toList();
    }
}
