package org.barnraiser.coordinator.follow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.barnraiser.coordinator.model.ClusterStatus;

/** The cluster's state as coordinators tell it to each other: the JSON of {@code GET /api/cluster}. */
public final class StatusJson {
    private static final int MAX_BYTES = 4 << 20;
    private static final JsonMapper MAPPER = JsonMapper
            .builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(20).maxDocumentLength(MAX_BYTES).build())
                    .build())
            // Coordinators of two versions may run side by side for a while.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private StatusJson() {}

    public static ByteString encode(ClusterStatus status) {
        try {
            return ByteString.copyFrom(MAPPER.writeValueAsBytes(status));
        } catch (IOException e) {
            throw new UncheckedIOException("a record of plain values cannot be written", e);
        }
    }

    /** Empty when it is no such state. */
    static Optional<ClusterStatus> decode(ByteString json) {
        try {
            return Optional.ofNullable(MAPPER.readValue(json.newInput(), ClusterStatus.class));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
