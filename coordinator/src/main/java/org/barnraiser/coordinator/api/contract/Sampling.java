package org.barnraiser.coordinator.api.contract;

import java.util.List;

import static org.barnraiser.coordinator.api.contract.Contract.FLAG;
import static org.barnraiser.coordinator.api.contract.Contract.OBJECTS;
import static org.barnraiser.coordinator.api.contract.Contract.TEXT;
import static org.barnraiser.coordinator.api.contract.Contract.integer;
import static org.barnraiser.coordinator.api.contract.Contract.number;
import static org.barnraiser.coordinator.api.contract.Contract.supported;

/** Fields that chat and completions take beyond OpenAI's. */
final class Sampling {
    private static final String AS_LLAMA = "as llama.cpp's server has it";

    static final List<FieldContract> OF_LLAMA_CPP = List.of(
            supported("top_k", integer(-1), "40", AS_LLAMA),
            supported("min_p", number(0, 1), "0.05", AS_LLAMA),
            supported("typical_p", number(0, 1), "0.9", AS_LLAMA),
            supported("xtc_probability", number(0, 1), "0.1", AS_LLAMA),
            supported("xtc_threshold", number(0, 1), "0.1", AS_LLAMA),
            supported("repeat_penalty", number(0, 100), "1.1", AS_LLAMA),
            supported("repeat_last_n", integer(-1), "64", AS_LLAMA),
            supported("dry_multiplier", number(0, 100), "0.8", AS_LLAMA),
            supported("dry_base", number(0, 100), "1.75", AS_LLAMA),
            supported("dry_allowed_length", integer(0), "2", AS_LLAMA),
            supported("dry_penalty_last_n", integer(-1), "-1", AS_LLAMA),
            supported("dry_sequence_breakers", "{'type':'array','items':{'type':'string'}}", "['.']", AS_LLAMA),
            supported("mirostat", integer(0, 2), "2", AS_LLAMA),
            supported("mirostat_tau", number(0, 100), "5", AS_LLAMA),
            supported("mirostat_eta", number(0, 1), "0.1", AS_LLAMA),
            supported("grammar", TEXT, "'root ::= [a-z]+'", "GBNF; not together with `response_format`"),
            supported("ignore_eos", FLAG, "true", AS_LLAMA));

    /** What no other server has. */
    static final List<FieldContract> OURS = List.of(
            supported("adapters", OBJECTS, "[]", "[adapters](adapters.md) to compute with: `name`, `scale`"),
            supported("receipt", FLAG, "true", "a [receipt](receipts.md) comes with the answer"));

    private Sampling() {}
}
