package org.barnraiser.coordinator.lead;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.proto.GenerateRequest;
import org.barnraiser.proto.SamplingParameters.Pooling;

/** Reads a sequence that another coordinator sends, and believes nothing before it is checked. */
final class SequenceCheck {
    private final ModelDescription model;

    SequenceCheck(ModelDescription model) {
        this.model = model;
    }

    ResumableSequence sequence(GenerateRequest request) throws InvalidSequenceException {
        require(request.getModelDigest().equals(model.digest()),
                "the coordinator that leads hosts another model, sha256:" + model.digest());
        int length = request.getTokensCount();
        int promptLength = request.getGeneratedFromPosition();
        require(promptLength >= 1 && promptLength <= length,
                "generated_from_position must be at least 1 and at most the number of tokens, " + length);
        require(length < model.contextTokens(),
                length + " tokens leave no room for an answer in a context of " + model.contextTokens()
                        + "; start all coordinators with the same --context");
        require(request.getRemainingTokens() >= 1, "remaining_tokens must be at least 1");
        require(request.getMirostatMu() >= 0 && Float.isFinite(request.getMirostatMu()),
                "mirostat_mu must be a number that is not negative");
        SamplingCheck.check(request.getSampling(), model);
        require(request.getSampling().getPooling() == Pooling.NO_POOLING
                || (request.getRemainingTokens() == 1 && promptLength == length),
                "a sequence with pooling must have one result and no generated tokens");
        return new ResumableSequence(tokens(request.getTokensList()), promptLength, request.getRemainingTokens(),
                request.getSampling(), request.getMirostatMu(), request.getReadFirst());
    }

    private ImmutableIntArray tokens(List<Integer> tokens) throws InvalidSequenceException {
        for (int token : tokens) {
            require(token >= 0 && token < model.vocabularySize(), "it has a token that the model does not have");
        }
        return ImmutableIntArray.copyOf(tokens);
    }

    static void require(boolean condition, String otherwise) throws InvalidSequenceException {
        if (!condition) {
            throw new InvalidSequenceException(otherwise);
        }
    }
}
