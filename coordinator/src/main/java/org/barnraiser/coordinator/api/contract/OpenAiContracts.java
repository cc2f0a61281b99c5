package org.barnraiser.coordinator.api.contract;

import java.util.List;

import static org.barnraiser.coordinator.api.contract.Contract.FLAG;
import static org.barnraiser.coordinator.api.contract.Contract.LIST;
import static org.barnraiser.coordinator.api.contract.Contract.OBJECT;
import static org.barnraiser.coordinator.api.contract.Contract.OBJECTS;
import static org.barnraiser.coordinator.api.contract.Contract.TEXT;
import static org.barnraiser.coordinator.api.contract.Contract.TEXT_OR_LIST;
import static org.barnraiser.coordinator.api.contract.Contract.fields;
import static org.barnraiser.coordinator.api.contract.Contract.ignored;
import static org.barnraiser.coordinator.api.contract.Contract.integer;
import static org.barnraiser.coordinator.api.contract.Contract.number;
import static org.barnraiser.coordinator.api.contract.Contract.object;
import static org.barnraiser.coordinator.api.contract.Contract.refused;
import static org.barnraiser.coordinator.api.contract.Contract.refusedUnless;
import static org.barnraiser.coordinator.api.contract.Contract.supported;

/** What OpenAI's chat and completions take here. */
public final class OpenAiContracts {
    private static final String NOT_KEPT = "nothing is kept";
    private static final String ONE_TIER = "all are served alike";
    private static final String FOR_THE_HOST = "the key says who asks";
    static final String OWN_CACHE = "what was computed is remembered without being told";

    private static final List<FieldContract> SHARED = List.of(
            supported("model", TEXT, "'barn-model'", "the hosted model's name, or absent; never another's answer"),
            supported("frequency_penalty", number(-2, 2), "0.5", "over the last `repeat_last_n` tokens"),
            supported("presence_penalty", number(-2, 2), "0.5", "over the last `repeat_last_n` tokens"),
            supported("logit_bias", OBJECT, "{'65':-100}", "up to 1,024 tokens, -100 to 100 each"),
            supported("max_tokens", integer(1), "8", "cut to what the context holds"),
            supported("n", integer(1, 16), "2", "generated in parallel"),
            supported("seed", "{'type':'integer'}", "7", "answer number i of `n` uses seed + i"),
            supported("stop", TEXT_OR_LIST, "['###']", "up to 16, of 1 to 500 characters"),
            supported("stream", FLAG, "true", "server-sent events"),
            supported("stream_options", OBJECT, "{'include_usage':true}", "`include_usage`"),
            supported("temperature", number(0, 2), "0.7", "0 always takes the likeliest token; 1 when absent"),
            supported("top_p", number(0, 1), "0.9", "1 when absent"),
            ignored("user", TEXT, "'u1'", FOR_THE_HOST));

    /** {@code POST /v1/chat/completions}. */
    public static final Contract CHAT = new Contract("/v1/chat/completions", "an answer to a conversation",
            fields(fields(List.of(
                    supported("messages", OBJECTS, "[{'role':'user','content':'Hi'}]",
                            "roles system, developer, user, assistant, tool; text only"),
                    supported("max_completion_tokens", integer(1), "8", "goes before `max_tokens`"),
                    supported("logprobs", FLAG, "true", ""),
                    supported("top_logprobs", integer(0, 20), "2", "with `logprobs`"),
                    supported("reasoning_effort", TEXT, "'low'",
                            "given to the model's template, which may not know it"),
                    supported("chat_template_kwargs", OBJECT, "{'enable_thinking':false}",
                            "`enable_thinking`, `thinking`; given to the model's template"),
                    supported("response_format", OBJECT, "{'type':'json_object'}",
                            "`text`, `json_object`, `json_schema`"),
                    supported("tools", OBJECTS, "[{'type':'function','function':{'name':'f','parameters':{}}}]",
                            "functions"),
                    supported("tool_choice", "{'type':['string','object']}", "'auto'",
                            "`auto`, `none`, `required` or a function"),
                    supported("parallel_tool_calls", FLAG, "false", "true when absent"),
                    supported("continue_final_message", FLAG, "false", "goes on with a last message of the assistant"),
                    refused("functions", OBJECTS, "[{'name':'f'}]", "is not supported: send 'tools'"),
                    refused("function_call", "{'type':['string','object']}", "'auto'",
                            "is not supported: send 'tool_choice'"),
                    refused("audio", OBJECT, "{'voice':'alloy','format':'wav'}", "is not supported: answers are text"),
                    refusedUnless("['text']", "modalities", LIST, "['text','audio']",
                            "must be [\"text\"]: answers are text"),
                    refused("web_search_options", OBJECT, "{}", "is not supported: nothing is searched here"),
                    refused("moderation", OBJECT, "{'model':'m'}", "is not supported: nobody reads along here"),
                    ignored("prediction", OBJECT, "{'type':'content','content':'x'}",
                            "it would change the speed, not the answer"),
                    ignored("verbosity", TEXT, "'low'", "the model knows no such switch: say it in a message"),
                    ignored("metadata", OBJECT, "{'a':'b'}", NOT_KEPT),
                    ignored("store", FLAG, "true", NOT_KEPT),
                    ignored("service_tier", TEXT, "'auto'", ONE_TIER),
                    ignored("safety_identifier", TEXT, "'u1'", FOR_THE_HOST),
                    ignored("prompt_cache_key", TEXT, "'k'", OWN_CACHE),
                    ignored("prompt_cache_options", OBJECT, "{}", OWN_CACHE),
                    ignored("prompt_cache_retention", TEXT, "'24h'", OWN_CACHE)), SHARED),
                    fields(Sampling.OF_LLAMA_CPP, Sampling.OURS)),
            object("{'model':'barn-model','messages':[{'role':'user','content':'What is a barn raising?'}],"
                    + "'max_tokens':16}"));

    /** {@code POST /v1/completions}. */
    public static final Contract COMPLETIONS = new Contract("/v1/completions", "a continuation of a text",
            fields(fields(List.of(
                    supported("prompt", TEXT_OR_LIST, "['Once','Twice']",
                            "a text, up to 64 texts, tokens, or lists of tokens; control tokens in texts count"),
                    supported("logprobs", integer(0, 20), "2", ""),
                    supported("echo", FLAG, "true", "with a prompt of text, and without `logprobs`"),
                    supported("suffix", TEXT, "'end'", "where the vocabulary has tokens to fill in the middle"),
                    supported("best_of", integer(1, 16), "2", "the likeliest `n` of so many; not in streams")), SHARED),
                    fields(Sampling.OF_LLAMA_CPP, Sampling.OURS)),
            object("{'model':'barn-model','prompt':'Once upon a time','max_tokens':16}"));

    /** {@code POST /v1/embeddings}. */
    public static final Contract EMBEDDINGS = new Contract("/v1/embeddings", "what texts mean, as numbers", List.of(
            supported("input", TEXT_OR_LIST, "['One','Two']", "a text, texts, tokens, or lists of tokens"),
            supported("model", TEXT, "'barn-model'", "the hosted model's name, or absent"),
            supported("encoding_format", TEXT, "'base64'", "`float` or `base64`"),
            supported("dimensions", integer(1), "2", "only the model's own"),
            ignored("user", TEXT, "'u1'", FOR_THE_HOST)), object("{'model':'barn-model','input':'A barn raising'}"));

    private OpenAiContracts() {}
}
