package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import org.barnraiser.coordinator.model.Readiness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

class StatusPagesTest {
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void the_model_is_listed_with_its_digest() {
        HttpResponse<String> list = server.get("/v1/models");

        assertThat(json(list).path("object").asText()).isEqualTo("list");
        assertThat(json(list).path("data").path(0).path("id").asText()).isEqualTo("barn-model");
        assertThat(json(list).path("data").path(0).path("digest").asText()).isEqualTo("sha256:" + ScriptedModel.DIGEST);
        assertThat(list.headers().firstValue("X-Barnraiser-Model")).hasValue("sha256:" + ScriptedModel.DIGEST);
        assertThat(json(list).path("data").path(0).path("license").asText()).isEqualTo("apache-2.0");
        assertThat(json(list).path("data").path(0).path("capabilities")).extracting(JsonNode::asText)
                .contains("chat", "tools", "embeddings");
        assertThat(json(server.get("/v1/models/barn-model"))).isEqualTo(json(list).path("data").path(0));
    }

    @Test
    void the_cluster_is_shown_as_it_is() {
        String plan = "'plan':{'epoch':3,'pipelines':[{'number':1,'epoch':1,'stages':[{'worker':"
                + "'w1','first':0,'last':2,'pid':17,'address':'127.0.0.1:9000','memoryBytes':0,'busyShare':0.0,"
                + "'stepMillis':0.0,'estimatedStepMillis':0.0,"
                + "'done':{'steps':0,'computeSeconds':0.0,'queueSeconds':0.0},"
                + "'next':{'roundTripMillis':0.0,'bytesPerSecond':0.0,'kind':''}}]}],'estimate':{'tokensPerSecond':0.0,"
                + "'measuredTokensPerSecond':0.0,'timeToFirstTokenMillis':0.0,'readers':0,'readersTokensPerSecond':0.0,"
                + "'loadSeconds':0.0}},";
        String activity = "'activity':{'running':0,'waiting':0,'paused':0,'tokensPerSecond':0.0,"
                + "'generatedTokensTotal':0,'takeoversTotal':0}";
        String model = "'name':'barn-model','digest':'" + ScriptedModel.DIGEST + "','ready':true,'reason':''";
        assertThat(server.get("/api/cluster").body()).isEqualTo(("{'model':{" + model + "}," + plan
                + "'workers':[{'worker':'w1','address':'127.0.0.1:9000','pid':17,'engine':'b4916',"
                + "'usableMemoryBytes':1073741824,'labels':{'room':'hall'},'hostName':'host','state':'stage','note':'',"
                + "'engineReason':'It was named with --llama-lib.','speed':{'bytesPerSecond':0.0,"
                + "'operationsPerSecond':0.0,'stepSeconds':0.0},'link':'',"
                + "'disk':{'freeBytes':0,'sizeBytes':0,'readBytesPerSecond':0.0,'writeBytesPerSecond':0.0}}],"
                + "'coordinators':[]," + activity + ",'troubles':[],"
                + "'weights':{'copiesWanted':0,'copies':0,'leastCopied':''},"
                + "'models':[{" + model + ",'aliases':[]," + plan + activity
                + "}],'trust':{'fingerprint':'','certificates':[]}}")
                .replace('\'', '"'));
    }

    @Test
    void readiness_follows_the_model() {
        assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
        assertThat(server.get("/metrics").body()).contains("barnraiser_ready 1.0");

        server.model.readiness = new Readiness.NotReady("Loading.", 4);

        HttpResponse<String> notReady = server.get("/readyz");
        assertThat(notReady.statusCode()).isEqualTo(503);
        assertThat(notReady.headers().firstValue("Retry-After")).hasValue("4");
        assertThat(notReady.body()).isEqualTo("Loading.\n");
        assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
        assertThat(server.get("/metrics").body()).contains("barnraiser_ready 0.0");
    }

    @Test
    void metrics_count_requests_and_tokens() {
        server.post(COMPLETIONS, "{'prompt':'xyz'}");
        server.get("/made/up/path");

        assertThat(server.get("/metrics").body())
                .contains("barnraiser_requests_total{path=\"/v1/completions\",status=\"200\",} 1.0")
                .contains("barnraiser_requests_total{path=\"other\",status=\"404\",} 1.0")
                .contains("barnraiser_prompt_tokens_total 3.0").contains("barnraiser_generated_tokens_total 2.0")
                .contains("barnraiser_time_to_first_token_seconds_count 1.0")
                .contains("barnraiser_time_between_tokens_seconds_count 1.0")
                .contains("barnraiser_sequences_running 0.0").contains("jvm_memory");
    }
}
