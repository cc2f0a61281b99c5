package org.barnraiser.coordinator.api.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.coordinator.api.jinja.Text;
import org.barnraiser.coordinator.api.jinja.Value;

/** JSON that a reader sent, as a template's values. All its text, keys too, is marked as the reader's. */
final class ReaderValues {

    private ReaderValues() {}

    static Value of(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> Text.fromReader(node.textValue());
            case BOOLEAN -> Value.of(node.booleanValue());
            case NUMBER -> node.canConvertToLong() && node.isIntegralNumber()
                    ? Value.of(node.longValue())
                    : new Value.Real(node.doubleValue());
            case ARRAY -> {
                List<Value> items = new ArrayList<>();
                node.forEach(item -> items.add(of(item)));
                yield Value.sequence(items);
            }
            case OBJECT -> {
                Map<Value, Value> entries = new LinkedHashMap<>();
                node.properties().forEach(entry -> entries.put(Text.fromReader(entry.getKey()), of(entry.getValue())));
                yield new Value.Mapping(entries);
            }
            default -> Value.None.VALUE;
        };
    }
}
