package org.barnraiser.coordinator.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * One field of a request.
 *
 * @param schema JSON schema of its values
 * @param example a value; of a refused field one that is refused
 * @param harmless the value that a refused field may have all the same
 * @param note for people: what it does, why it is ignored, or, as the end of a sentence, why it is refused
 */
public record FieldContract(String name, Support support, ObjectNode schema, JsonNode example,
        Optional<JsonNode> harmless, String note) {}
