package org.barnraiser.coordinator.gguf;

import com.google.errorprone.annotations.Immutable;

/** A length that tensor shapes are made of. */
enum Dimension {
    EMBEDDING(Hyperparameters::embedding),
    VOCABULARY(Hyperparameters::vocabulary),
    HEADS(Hyperparameters::heads),
    KEY_LENGTH(Hyperparameters::keyLength),
    QUERY(h -> (long) h.heads() * h.keyLength()),
    KEY(h -> (long) h.cacheHeads() * h.keyLength()),
    VALUE(h -> (long) h.cacheHeads() * h.valueLength()),
    QUERY_KEY_VALUE(h -> QUERY.of(h) + KEY.of(h) + VALUE.of(h)),
    FEED_FORWARD(Hyperparameters::feedForward),
    GATE_AND_UP(h -> 2L * h.feedForward()),
    EXPERTS(Hyperparameters::experts),
    EXPERT_FEED_FORWARD(h -> h.expertFeedForward() > 0 || h.expertsUsed() == 0
            ? h.expertFeedForward()
            : h.feedForward() / h.expertsUsed()),
    SHARED_FEED_FORWARD(h -> (long) h.expertFeedForward() * h.sharedExperts()),
    GIVEN_SHARED_FEED_FORWARD(h -> h.sharedFeedForward() > 0 ? h.sharedFeedForward() : h.feedForward()),
    QUERY_RANK(Hyperparameters::queryRank),
    CACHE_RANK(Hyperparameters::cacheRank),
    CACHE_RANK_AND_ROPE(h -> (long) h.cacheRank() + h.ropeDimensions()),
    /** Of a head before the latent form: {@code n_embd_head_k_mla}. */
    FULL_KEY(h -> h.latentKeyLength() > 0 ? h.latentKeyLength() : h.keyLength()),
    FULL_VALUE(h -> h.latentValueLength() > 0 ? h.latentValueLength() : h.valueLength()),
    FULL_KEY_WITHOUT_ROPE(h -> FULL_KEY.of(h) - h.ropeDimensions()),
    FULL_QUERY(h -> h.heads() * FULL_KEY.of(h)),
    FULL_KEY_VALUE(h -> h.heads() * (FULL_KEY_WITHOUT_ROPE.of(h) + FULL_VALUE.of(h))),
    FULL_ATTENTION(h -> h.heads() * FULL_VALUE.of(h)),
    HALF_ROPE(h -> h.ropeDimensions() / 2);

    private final Length length;

    @Immutable
    private interface Length {
        long of(Hyperparameters hyperparameters);
    }

    Dimension(Length length) {
        this.length = length;
    }

    long of(Hyperparameters hyperparameters) {
        return length.of(hyperparameters);
    }
}
