package org.barnraiser.coordinator.api.contract;

import java.util.List;

/** All routes whose requests are described field by field. */
public final class Contracts {
    public static final List<Contract> ALL = List.of(OpenAiContracts.CHAT, OpenAiContracts.COMPLETIONS,
            OpenAiContracts.EMBEDDINGS,
            ResponsesContract.RESPONSES, MessagesContract.MESSAGES, MessagesContract.COUNT_TOKENS,
            TextContracts.TOKENIZE, TextContracts.DETOKENIZE);

    private Contracts() {}
}
