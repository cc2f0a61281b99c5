package org.barnraiser.coordinator.api.contract;

import java.util.List;

import static org.barnraiser.coordinator.api.contract.Contract.FLAG;
import static org.barnraiser.coordinator.api.contract.Contract.LIST;
import static org.barnraiser.coordinator.api.contract.Contract.OBJECT;
import static org.barnraiser.coordinator.api.contract.Contract.OBJECTS;
import static org.barnraiser.coordinator.api.contract.Contract.TEXT;
import static org.barnraiser.coordinator.api.contract.Contract.TEXT_OR_LIST;
import static org.barnraiser.coordinator.api.contract.Contract.ignored;
import static org.barnraiser.coordinator.api.contract.Contract.integer;
import static org.barnraiser.coordinator.api.contract.Contract.number;
import static org.barnraiser.coordinator.api.contract.Contract.object;
import static org.barnraiser.coordinator.api.contract.Contract.refused;
import static org.barnraiser.coordinator.api.contract.Contract.refusedUnless;
import static org.barnraiser.coordinator.api.contract.Contract.supported;

/** What OpenAI's responses take here: no memory from one to the next. */
public final class ResponsesContract {
    private static final String NOTHING_STORED = "cannot be used: no text is stored here; send the whole conversation in 'input'";

    /** {@code POST /v1/responses}. */
    public static final Contract RESPONSES = new Contract("/v1/responses", "an answer as items of output", List.of(
            supported("model", TEXT, "'barn-model'", "the hosted model's name, or absent"),
            supported("input", TEXT_OR_LIST, "'Hi'",
                    "text, or items: messages of text, `function_call`, `function_call_output`, `reasoning`"),
            supported("instructions", TEXT, "'Be kind.'", "what the system says"),
            supported("max_output_tokens", integer(1), "8", "cut to what the context holds"),
            supported("temperature", number(0, 2), "0.7", ""),
            supported("top_p", number(0, 1), "0.9", ""),
            supported("top_logprobs", integer(0, 20), "2", ""),
            supported("include", LIST, "['message.output_text.logprobs']",
                    "`message.output_text.logprobs`; others name what is not here"),
            supported("stream", FLAG, "true", "server-sent events"),
            supported("text", OBJECT, "{'format':{'type':'text'}}", "`format`: `text`, `json_object`, `json_schema`"),
            supported("reasoning", OBJECT, "{'effort':'low'}", "`effort`, if the model's template knows it"),
            supported("tools", OBJECTS, "[{'type':'function','name':'f','parameters':{}}]", "functions"),
            supported("tool_choice", "{'type':['string','object']}", "'auto'",
                    "`auto`, `none`, `required` or a function"),
            supported("parallel_tool_calls", FLAG, "false", "true when absent"),
            refused("previous_response_id", TEXT, "'resp_1'", NOTHING_STORED),
            refused("conversation", "{'type':['string','object']}", "'conv_1'", NOTHING_STORED),
            refused("prompt", OBJECT, "{'id':'p'}",
                    "cannot be used: no prompts are stored here; send 'instructions' and 'input'"),
            refusedUnless("false", "background", FLAG, "true",
                    "cannot be true: no text is stored here, so an answer must be waited for"),
            refusedUnless("'disabled'", "truncation", TEXT, "'auto'",
                    "must be \"disabled\": nothing is left out of what you send"),
            refused("context_management", LIST, "[]", "is not supported: leave out yourself what is no longer needed"),
            refused("moderation", OBJECT, "{'model':'m'}", "is not supported: nobody reads along here"),
            refused("image", OBJECT, "{}", "is not supported: nothing but text is understood here"),
            ignored("max_tool_calls", integer(1), "3", "it counts calls of tools that OpenAI runs"),
            ignored("access_programs", OBJECT, "{}", "all are served alike"),
            ignored("store", FLAG, "true", "nothing is kept, and the answer says so"),
            ignored("metadata", OBJECT, "{'a':'b'}", "comes back with the answer"),
            ignored("stream_options", OBJECT, "{}", "there is nothing to hide"),
            ignored("service_tier", TEXT, "'auto'", "all are served alike"),
            ignored("safety_identifier", TEXT, "'u1'", "the key says who asks"),
            ignored("user", TEXT, "'u1'", "comes back with the answer"),
            ignored("prompt_cache_key", TEXT, "'k'", OpenAiContracts.OWN_CACHE),
            ignored("prompt_cache_options", OBJECT, "{}", OpenAiContracts.OWN_CACHE),
            ignored("prompt_cache_retention", TEXT, "'24h'", OpenAiContracts.OWN_CACHE)),
            object("{'model':'barn-model','input':'What is a barn raising?','max_output_tokens':16}"));

    private ResponsesContract() {}
}
