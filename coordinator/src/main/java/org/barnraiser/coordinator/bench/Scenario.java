package org.barnraiser.coordinator.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A load: groups of readers. As a file it is JSON such as {@code {"groups": [{"name": "writers", "readers": 7}, {"name": "long",
 * "promptWords": 2000, "startSeconds": 5}]}}; what is left out is as for {@link #readers}.
 *
 * @param groups with different names; at least one
 */
public record Scenario(String about, ImmutableList<Group> groups) {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    private static final Group USUAL = new Group("readers", 1, 3, 1, 64, 32, 0, 0, 0, "", "", "");

    public Scenario {
        if (groups.isEmpty() || groups.stream().map(Group::name).distinct().count() < groups.size()) {
            throw new IllegalArgumentException("A scenario needs \"groups\", each with a name of its own.");
        }
    }

    /** One group. */
    public static Scenario readers(int readers, int answers, int maxTokens, int promptWords, int sharedWords) {
        return new Scenario("", ImmutableList.of(
                new Group(USUAL.name(), readers, answers, 1, maxTokens, promptWords, sharedWords, 0, 0, "", "", "")));
    }

    /** @throws IOException with one sentence, when the file cannot be read or says what makes no sense */
    public static Scenario read(Path file) throws IOException {
        try {
            JsonNode scenario = JSON.readTree(Files.readString(file));
            ImmutableList.Builder<Group> groups = ImmutableList.builder();
            for (JsonNode group : scenario.path("groups")) {
                ObjectNode whole = JSON.valueToTree(USUAL);
                whole.setAll((ObjectNode) JSON.readTree(group.toString()));
                groups.add(JSON.treeToValue(whole, Group.class));
            }
            return new Scenario(scenario.path("about").asText(), groups.build());
        } catch (NoSuchFileException e) {
            throw new IOException("There is no file " + file + ".", e);
        } catch (JsonMappingException e) {
            throw new IOException("The scenario " + file + " cannot be understood: " + reason(e), e);
        } catch (ClassCastException | IllegalArgumentException e) {
            throw new IOException("The scenario " + file + " cannot be understood: " + e.getMessage(), e);
        } catch (JsonProcessingException e) {
            throw new IOException("The scenario " + file + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static String reason(JsonMappingException e) {
        return e.getCause() instanceof IllegalArgumentException cause
                ? String.valueOf(cause.getMessage())
                : e.getOriginalMessage();
    }
}
