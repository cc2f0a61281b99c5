package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.receipt.PlanTrail;
import org.barnraiser.coordinator.receipt.Receipts;
import org.jspecify.annotations.Nullable;

/** The receipt of one request in the making: it looks on from the first token to the last. */
final class AnswerReceipt {
    static final String FIELD = "receipt";
    private static final String HEADER = "X-Barnraiser-Receipt";

    private final Receipts receipts;
    private final ModelDescription model;
    private final PlanTrail trail;
    private final Instant asked = Instant.now();
    private @Nullable AnswerRecord record;

    /**
     * Where receipts come from.
     *
     * @param receipts asked at every request
     */
    record Office(Supplier<Receipts> receipts, ClusterStatus.Source cluster) {

        /** A receipt is for those who ask for one: by the field {@code "receipt": true}, or by the header. */
        Optional<AnswerReceipt> wanted(Context ctx, Fields fields, ModelDescription model) throws ApiException {
            boolean wanted = fields.flag(FIELD) || "true".equalsIgnoreCase(ctx.header(HEADER));
            return wanted ? Optional.of(new AnswerReceipt(receipts.get(), model, cluster)) : Optional.empty();
        }
    }

    private AnswerReceipt(Receipts receipts, ModelDescription model, ClusterStatus.Source cluster) {
        this.receipts = receipts;
        this.model = model;
        trail = receipts.trail(cluster, model);
    }

    /** Notes under which plans the answers are made; before they are begun. */
    void follow(AnswerStream stream) {
        stream.onMachines(trail::look);
    }

    /** The same sink, with a look at what goes through it. */
    AnswerSink through(AnswerSink reader, int choices) {
        record = new AnswerRecord(reader, choices);
        return record;
    }

    /** Once all answers are complete. */
    ObjectNode write(AnswerStream stream, AnswerLoop loop) {
        if (record == null) {
            throw new IllegalStateException("the answers did not come through here");
        }
        return receipts.write(model, asked, record.answers(stream.requests(), loop.tokens()), stream.reusedTokens(),
                trail);
    }
}
