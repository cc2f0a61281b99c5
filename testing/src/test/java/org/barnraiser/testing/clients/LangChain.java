package org.barnraiser.testing.clients;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** LangChain4j, which speaks to OpenAI. */
final class LangChain {
    private static final UserMessage QUESTION = UserMessage.from("What is Barnraiser?");
    private static final JsonObjectSchema DECISION = JsonObjectSchema.builder()
            .addEnumProperty("answer", List.of("yes", "no")).required("answer").additionalProperties(false).build();

    private final String base;

    LangChain(URI base) {
        this.base = base.resolve("/v1").toString();
    }

    List<DynamicTest> checks() {
        return List.of(dynamicTest("chat", this::chat), dynamicTest("a streamed chat", this::streamedChat),
                dynamicTest("structured output", this::structure),
                dynamicTest("embeddings", this::embeddings), dynamicTest("a tool and its result", this::tool),
                dynamicTest("errors are its own", this::errors), dynamicTest("time-outs", this::timeouts));
    }

    private void chat() {
        ChatResponse answer = model().build().chat(QUESTION);
        assertThat(answer.aiMessage().text()).contains("Barnraiser");
        assertThat(answer.tokenUsage().outputTokenCount()).isPositive();
    }

    private void streamedChat() throws Exception {
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        StringBuilder text = new StringBuilder();
        OpenAiStreamingChatModel.builder().baseUrl(base).apiKey("none").modelName(ClientsTest.MODEL).temperature(0.0)
                .build().chat(List.of(QUESTION), new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String partial) {
                        text.append(partial);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        whole.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        whole.completeExceptionally(error);
                    }
                });
        assertThat(whole.get(2, TimeUnit.MINUTES).aiMessage().text()).contains("Barnraiser").isEqualTo(text.toString());
    }

    private void structure() {
        ResponseFormat format = ResponseFormat.builder().type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder().name("decision").rootElement(DECISION).build()).build();
        ChatResponse answer = model().strictJsonSchema(true).build()
                .chat(ChatRequest.builder().messages(QUESTION).responseFormat(format).build());
        assertThat(answer.aiMessage().text().replaceAll("\\s", "")).isIn("{\"answer\":\"yes\"}", "{\"answer\":\"no\"}");
    }

    private void embeddings() {
        assertThat(OpenAiEmbeddingModel.builder().baseUrl(base).apiKey("none").modelName(ClientsTest.MODEL)
                .maxRetries(0).build().embed("a barn").content().vector()).isNotEmpty();
    }

    private void tool() {
        ToolSpecification tool = ToolSpecification.builder().name("decide").parameters(DECISION).build();
        OpenAiChatModel model = model().strictTools(true).build();
        AiMessage asked = model.chat(ChatRequest.builder().messages(QUESTION).toolSpecifications(tool)
                .toolChoice(ToolChoice.REQUIRED).build()).aiMessage();
        ToolExecutionRequest call = asked.toolExecutionRequests().getFirst();
        assertThat(call.arguments().replaceAll("\\s", "")).isIn("{\"answer\":\"yes\"}", "{\"answer\":\"no\"}");
        AiMessage answer = model.chat(ChatRequest.builder().maxOutputTokens(5)
                .messages(QUESTION, asked, ToolExecutionResultMessage.from(call, "done")).build()).aiMessage();
        assertThat(answer.text()).isNotNull();
    }

    private void errors() {
        assertThatExceptionOfType(ModelNotFoundException.class)
                .isThrownBy(() -> model().modelName("gpt-9").build().chat(QUESTION));
        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(() -> model().temperature(9.0).build().chat(QUESTION));
    }

    private void timeouts() {
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> model().timeout(Duration.ofMillis(20)).maxTokens(900)
                        .customParameters(Map.of("ignore_eos", true)).build().chat(QUESTION));
    }

    private OpenAiChatModel.OpenAiChatModelBuilder model() {
        return OpenAiChatModel.builder().baseUrl(base).apiKey("none").modelName(ClientsTest.MODEL).temperature(0.0)
                .maxTokens(200).maxRetries(0);
    }
}
