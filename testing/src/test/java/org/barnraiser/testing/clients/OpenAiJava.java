package org.barnraiser.testing.clients;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.PermissionDeniedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageToolCall;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.ToolChoiceOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** {@code com.openai:openai-java}. */
final class OpenAiJava {
    private final URI base;
    private final OpenAIClient client;

    OpenAiJava(URI base) {
        this.base = base.resolve("/v1");
        this.client = OpenAIOkHttpClient.builder().baseUrl(this.base.toString()).apiKey("none").maxRetries(0).build();
    }

    List<DynamicTest> checks() {
        return List.of(dynamicTest("chat", this::chat), dynamicTest("a streamed chat", this::streamedChat),
                dynamicTest("structured output", this::structure), dynamicTest("responses", this::responses),
                dynamicTest("embeddings", this::embeddings),
                dynamicTest("a tool and its result", this::tool), dynamicTest("errors are its own", this::errors),
                dynamicTest("time-outs and aborts", this::timeoutsAndAborts));
    }

    private void chat() {
        var answer = client.chat().completions().create(question().build());
        assertThat(answer.choices().getFirst().message().content().orElseThrow()).contains("Barnraiser");
        assertThat(answer.usage().orElseThrow().completionTokens()).isPositive();
    }

    private void streamedChat() {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions()
                .createStreaming(question().build())) {
            stream.stream().forEach(whole::accumulate);
        }
        assertThat(whole.chatCompletion().choices().getFirst().message().content().orElseThrow())
                .contains("Barnraiser");
    }

    private void structure() {
        var params = question().maxCompletionTokens(100).responseFormat(Decision.class).build();
        Decision decision = client.chat().completions().create(params).choices().getFirst().message().content()
                .orElseThrow();
        assertThat(decision.answer).isIn((Object[]) Decision.Answer.values());
    }

    private void responses() {
        ResponseCreateParams.Builder params = ResponseCreateParams.builder().model(ClientsTest.MODEL)
                .input("What is Barnraiser?").temperature(0.0);
        ResponseAccumulator whole = ResponseAccumulator.create();
        try (StreamResponse<ResponseStreamEvent> stream = client.responses().createStreaming(params.build())) {
            stream.stream().forEach(whole::accumulate);
        }
        assertThat(whole.response().output().getFirst().asMessage().content().getFirst().asOutputText().text())
                .contains("Barnraiser");
        var called = client.responses().create(params.addTool(Decision.class).toolChoice(ToolChoiceOptions.REQUIRED)
                .maxOutputTokens(200).build());
        assertThat(called.output().getFirst().asFunctionCall().arguments(Decision.class).answer)
                .isIn((Object[]) Decision.Answer.values());
    }

    private void embeddings() {
        var embeddings = client.embeddings().create(EmbeddingCreateParams.builder().model(ClientsTest.MODEL)
                .inputOfArrayOfStrings(List.of("a barn", "a house")).build());
        assertThat(embeddings.data()).hasSize(2).allSatisfy(each -> assertThat(each.embedding()).isNotEmpty());
    }

    private void tool() {
        ChatCompletionCreateParams.Builder params = question().maxCompletionTokens(200).addTool(Decision.class);
        ChatCompletionMessage asked = client.chat().completions()
                .create(params.toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED).build()).choices().getFirst()
                .message();
        ChatCompletionMessageToolCall call = asked.toolCalls().orElseThrow().getFirst();
        assertThat(call.asFunction().function().arguments(Decision.class).answer)
                .isIn((Object[]) Decision.Answer.values());
        var answer = client.chat().completions().create(params.toolChoice(ChatCompletionToolChoiceOption.Auto.NONE)
                .addMessage(asked).addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(call.asFunction().id()).content("done").build())
                .maxCompletionTokens(5).build());
        assertThat(answer.choices().getFirst().message().content()).isPresent();
    }

    private void errors() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> client.chat().completions().create(question().model("gpt-9").build()))
                .satisfies(e -> assertThat(e.code()).contains("model_not_found"));
        assertThatExceptionOfType(BadRequestException.class)
                .isThrownBy(() -> client.chat().completions().create(question().temperature(9.0).build()))
                .satisfies(e -> assertThat(e.param()).contains("temperature"));
        OpenAIClient stranger = OpenAIOkHttpClient.builder().baseUrl(base.toString()).apiKey("none").maxRetries(0)
                .putHeader("X-Forwarded-For", "10.0.0.7").build();
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> stranger.chat().completions().create(question().build()));
    }

    private void timeoutsAndAborts() {
        ChatCompletionCreateParams endless = question().maxCompletionTokens(900)
                .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true)).build();
        RequestOptions hasty = RequestOptions.builder().timeout(Duration.ofMillis(20)).build();
        assertThatExceptionOfType(OpenAIIoException.class)
                .isThrownBy(() -> client.chat().completions().create(endless, hasty));
        try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(endless)) {
            assertThat(stream.stream().limit(3)).hasSize(3);
        }
        chat();
    }

    private static ChatCompletionCreateParams.Builder question() {
        return ChatCompletionCreateParams.builder().model(ClientsTest.MODEL).addUserMessage("What is Barnraiser?")
                .temperature(0.0);
    }
}
