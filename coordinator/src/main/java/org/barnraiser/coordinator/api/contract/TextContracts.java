package org.barnraiser.coordinator.api.contract;

import java.util.List;

import static org.barnraiser.coordinator.api.contract.Contract.FLAG;
import static org.barnraiser.coordinator.api.contract.Contract.LIST;
import static org.barnraiser.coordinator.api.contract.Contract.TEXT;
import static org.barnraiser.coordinator.api.contract.Contract.object;
import static org.barnraiser.coordinator.api.contract.Contract.supported;

/** What turns text into tokens and back. */
public final class TextContracts {
    /** {@code POST /v1/tokenize}. */
    public static final Contract TOKENIZE = new Contract("/v1/tokenize", "the tokens of a text", List.of(
            supported("content", TEXT, "'Hi'", ""),
            supported("add_special", FLAG, "true", "puts the model's start token first; false when absent"),
            supported("parse_special", FLAG, "false", "whether control tokens in the text count; true when absent")),
            object("{'content':'Barn'}"));

    /** {@code POST /v1/detokenize}. */
    public static final Contract DETOKENIZE = new Contract("/v1/detokenize", "the text of tokens",
            List.of(supported("tokens", LIST, "[72,105]", "")), object("{'tokens':[72,105]}"));

    private TextContracts() {}
}
