package org.barnraiser.coordinator.model;

import java.util.List;
import java.util.Optional;

/**
 * What is known of a model without running it.
 *
 * @param name the name readers ask for it by
 * @param digest sha256 of the manifest, 64 lower-case hex digits; the model's identity
 * @param architecture {@code general.architecture} of the GGUF
 * @param contextTokens positions that one sequence may use here
 * @param vocabularySize number of tokens
 * @param createdEpochSeconds when the model was added
 * @param chatTemplate the Jinja source of {@code tokenizer.chat_template}; hostile input
 * @param beginToken text of the start token, empty if there is none
 * @param endToken text of the end token, empty if there is none
 * @param embedding how it tells what a text means; empty if it cannot
 * @param adapters that it can be asked with
 * @param license as its file says; empty when it does not
 */
public record ModelDescription(String name, String digest, String architecture, int contextTokens, int vocabularySize,
        long createdEpochSeconds, Optional<String> chatTemplate, String beginToken, String endToken,
        Optional<EmbeddingShape> embedding, List<AdapterDescription> adapters,
        Optional<String> license) {
    public ModelDescription {
        adapters = List.copyOf(adapters);
    }

    /** A model without embeddings and adapters. */
    public ModelDescription(String name, String digest, String architecture, int contextTokens, int vocabularySize,
            long createdEpochSeconds, Optional<String> chatTemplate, String beginToken, String endToken) {
        this(name, digest, architecture, contextTokens, vocabularySize, createdEpochSeconds, chatTemplate, beginToken,
                endToken, Optional.empty(), List.of(), Optional.empty());
    }

    /** The same under another name. */
    public ModelDescription named(String other) {
        return new ModelDescription(other, digest, architecture, contextTokens, vocabularySize, createdEpochSeconds,
                chatTemplate, beginToken, endToken, embedding, adapters, license);
    }
}
