package org.barnraiser.coordinator.api.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiException;
import org.barnraiser.coordinator.api.Fields;

/**
 * What one route takes. In the JSON of a description single quotes stand for double ones.
 *
 * @param path it is posted to this path
 * @param summary what it gives
 * @param fields in the order of the docs
 * @param example a request that is answered
 */
public record Contract(String path, String summary, List<FieldContract> fields, ObjectNode example) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static final String TEXT = "{'type':'string'}";
    static final String FLAG = "{'type':'boolean'}";
    static final String OBJECT = "{'type':'object'}";
    static final String LIST = "{'type':'array'}";
    static final String OBJECTS = "{'type':'array','items':{'type':'object'}}";
    static final String TEXT_OR_LIST = "{'type':['string','array']}";

    /** Refuses what would change the answer and cannot be done. */
    public void refuseUnsupported(Fields request) throws ApiException {
        for (FieldContract field : fields) {
            Optional<JsonNode> value = request.node(field.name());
            if (field.support() == Support.REFUSED && value.isPresent() && !value.equals(field.harmless())) {
                throw request.refused(field.name(), field.note());
            }
        }
    }

    /** The fields whose names its makers gave, and then some that mean the same everywhere. */
    static List<FieldContract> fields(List<FieldContract> own, List<FieldContract> more) {
        List<FieldContract> all = new ArrayList<>(own);
        all.addAll(more);
        return List.copyOf(all);
    }

    static FieldContract supported(String name, String schema, String example, String note) {
        return field(name, Support.SUPPORTED, schema, example, Optional.empty(), note);
    }

    static FieldContract ignored(String name, String schema, String example, String note) {
        return field(name, Support.IGNORED, schema, example, Optional.empty(), note);
    }

    static FieldContract refused(String name, String schema, String example, String note) {
        return field(name, Support.REFUSED, schema, example, Optional.empty(), note);
    }

    static FieldContract refusedUnless(String harmless, String name, String schema, String example, String note) {
        return field(name, Support.REFUSED, schema, example, Optional.of(json(harmless)), note);
    }

    static String number(double least, double most) {
        return "{'type':'number','minimum':" + least + ",'maximum':" + most + "}";
    }

    static String integer(long least) {
        return "{'type':'integer','minimum':" + least + "}";
    }

    static String integer(long least, long most) {
        return "{'type':'integer','minimum':" + least + ",'maximum':" + most + "}";
    }

    static ObjectNode object(String text) {
        return json(text) instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    }

    private static FieldContract field(String name, Support support, String schema, String example,
            Optional<JsonNode> harmless, String note) {
        return new FieldContract(name, support, object(schema), json(example), harmless, note);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException("not JSON: " + text, broken);
        }
    }
}
