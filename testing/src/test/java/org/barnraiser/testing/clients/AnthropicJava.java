package org.barnraiser.testing.clients;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.RequestOptions;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicIoException;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.PermissionDeniedException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolChoiceAny;
import com.anthropic.models.messages.ToolChoiceNone;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** {@code com.anthropic:anthropic-java}. */
final class AnthropicJava {
    private final URI base;
    private final AnthropicClient client;

    AnthropicJava(URI base) {
        this.base = base;
        this.client = AnthropicOkHttpClient.builder().baseUrl(base.toString()).apiKey("none").maxRetries(0).build();
    }

    List<DynamicTest> checks() {
        return List.of(dynamicTest("a message", this::message),
                dynamicTest("a streamed message", this::streamedMessage),
                dynamicTest("structured output", this::structure),
                dynamicTest("tokens are counted", this::countedTokens),
                dynamicTest("a tool and its result", this::tool), dynamicTest("errors are its own", this::errors),
                dynamicTest("time-outs and aborts", this::timeoutsAndAborts));
    }

    private void message() {
        Message message = client.messages().create(question().build());
        assertThat(text(message)).contains("Barnraiser");
        assertThat(message.usage().outputTokens()).isPositive();
    }

    private void streamedMessage() {
        MessageAccumulator whole = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> stream = client.messages().createStreaming(question().build())) {
            stream.stream().forEach(whole::accumulate);
        }
        assertThat(text(whole.message())).contains("Barnraiser");
    }

    private void structure() {
        var message = client.messages().create(question().outputConfig(Decision.class).build());
        assertThat(message.content().getFirst().asText().text().answer).isIn((Object[]) Decision.Answer.values());
    }

    private void countedTokens() {
        long counted = client.messages().countTokens(MessageCountTokensParams.builder().model(ClientsTest.MODEL)
                .addUserMessage("What is Barnraiser?").build()).inputTokens();
        var usage = client.messages().create(question().maxTokens(1).build()).usage();
        assertThat(counted).isEqualTo(usage.inputTokens() + usage.cacheReadInputTokens().orElseThrow());
    }

    private void tool() {
        Tool tool = Tool.builder().name("decide").inputSchema(Tool.InputSchema.builder()
                .properties(Tool.InputSchema.Properties.builder()
                        .putAdditionalProperty("answer", JsonValue.from(Map.of("enum", List.of("yes", "no")))).build())
                .required(List.of("answer")).putAdditionalProperty("additionalProperties", JsonValue.from(false))
                .build()).build();
        MessageCreateParams.Builder params = question().addTool(tool);
        Message asked = client.messages().create(params.toolChoice(ToolChoiceAny.builder().build()).build());
        ToolUseBlock call = asked.content().stream().filter(ContentBlock::isToolUse).findFirst().orElseThrow()
                .asToolUse();
        assertThat(call.name()).isEqualTo("decide");
        assertThat(call._input().convert(Map.class).get("answer")).isIn("yes", "no");
        Message answer = client.messages().create(params.toolChoice(ToolChoiceNone.builder().build()).maxTokens(5)
                .addMessage(asked).addUserMessageOfContentBlockParams(List.of(ContentBlockParam.ofToolResult(
                        ToolResultBlockParam.builder().toolUseId(call.id()).content("done").build())))
                .build());
        assertThat(answer.stopReason()).isPresent();
    }

    private void errors() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> client.messages().create(question().model("claude-9").build()));
        assertThatExceptionOfType(BadRequestException.class)
                .isThrownBy(() -> client.messages().create(question().maxTokens(0).build()))
                .withMessageContaining("max_tokens");
        AnthropicClient stranger = AnthropicOkHttpClient.builder().baseUrl(base.toString()).apiKey("none")
                .maxRetries(0).putHeader("X-Forwarded-For", "10.0.0.7").build();
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> stranger.messages().create(question().build()));
    }

    private void timeoutsAndAborts() {
        MessageCreateParams endless = question().maxTokens(900)
                .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true)).build();
        RequestOptions hasty = RequestOptions.builder().timeout(Duration.ofMillis(20)).build();
        assertThatExceptionOfType(AnthropicIoException.class)
                .isThrownBy(() -> client.messages().create(endless, hasty));
        try (StreamResponse<RawMessageStreamEvent> stream = client.messages().createStreaming(endless)) {
            assertThat(stream.stream().limit(3)).hasSize(3);
        }
        message();
    }

    private static String text(Message message) {
        return message.content().getFirst().asText().text();
    }

    private static MessageCreateParams.Builder question() {
        return MessageCreateParams.builder().model(ClientsTest.MODEL).addUserMessage("What is Barnraiser?")
                .maxTokens(200);
    }
}
