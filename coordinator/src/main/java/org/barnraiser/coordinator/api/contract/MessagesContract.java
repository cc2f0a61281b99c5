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
import static org.barnraiser.coordinator.api.contract.Contract.supported;

/** What Anthropic's messages take here. */
public final class MessagesContract {
    private static final List<FieldContract> FIELDS = List.of(
            supported("model", TEXT, "'barn-model'", "the hosted model's name, or absent"),
            supported("messages", OBJECTS, "[{'role':'user','content':'Hi'}]",
                    "text, tools, their results, thoughts, documents of text"),
            supported("system", TEXT_OR_LIST, "'Be kind.'", "text, or blocks of it"),
            supported("max_tokens", integer(1), "8", "may be absent"),
            supported("stop_sequences", "{'type':'array','items':{'type':'string'}}", "['###']", "up to 16"),
            supported("stream", FLAG, "true", "server-sent events"),
            supported("temperature", number(0, 2), "0.7", ""),
            supported("top_p", number(0, 1), "0.9", ""),
            supported("top_k", integer(-1), "40", ""),
            supported("thinking", OBJECT, "{'type':'enabled','budget_tokens':1024}",
                    "shows thoughts; a budget is not kept"),
            supported("output_config", OBJECT,
                    "{'format':{'type':'json_schema','schema':{'type':'object'}}}", "`format`"),
            supported("tools", OBJECTS, "[{'name':'f','input_schema':{'type':'object'}}]", "custom ones"),
            supported("tool_choice", OBJECT, "{'type':'auto'}", "and `disable_parallel_tool_use`"),
            refused("container", TEXT, "'c'",
                    "is not supported: there is nothing here for a model to run programs in"),
            refused("mcp_servers", LIST, "[]",
                    "is not supported: call the servers' tools yourself and send what they say"),
            refused("context_management", OBJECT, "{}",
                    "is not supported: leave out yourself what is no longer needed"),
            ignored("cache_control", OBJECT, "{'type':'ephemeral'}", OpenAiContracts.OWN_CACHE),
            ignored("metadata", OBJECT, "{'user_id':'u1'}", "the key says who asks"),
            ignored("service_tier", TEXT, "'auto'", "all are served alike"),
            ignored("speed", TEXT, "'fast'", "all are served alike"),
            ignored("inference_geo", TEXT, "'eu'", "the machines are where they are"),
            ignored("diagnostics", OBJECT, "{}", "changes no answer"),
            ignored("user_profile_id", TEXT, "'u1'", "the key says who asks"),
            ignored("workspace_id", TEXT, "'w1'", "the key says who asks"));

    /** {@code POST /v1/messages}. */
    public static final Contract MESSAGES = new Contract("/v1/messages", "an answer, as Anthropic has it", FIELDS,
            object("{'model':'barn-model','max_tokens':16,'system':'Be kind.',"
                    + "'messages':[{'role':'user','content':'What is a barn raising?'}]}"));

    /** {@code POST /v1/messages/count_tokens}. */
    public static final Contract COUNT_TOKENS = new Contract("/v1/messages/count_tokens",
            "how many tokens a request for a message has", FIELDS,
            object("{'model':'barn-model','messages':[{'role':'user','content':'What is a barn raising?'}]}"));

    private MessagesContract() {}
}
