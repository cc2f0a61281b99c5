package org.barnraiser.testing.clients;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.barnraiser.coordinator.api.contract.Contract;
import org.barnraiser.coordinator.api.contract.FieldContract;
import org.barnraiser.coordinator.api.contract.MessagesContract;
import org.barnraiser.coordinator.api.contract.OpenAiContracts;
import org.barnraiser.coordinator.api.contract.ResponsesContract;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** The docs tell of every field that the SDKs of the makers can send. */
class ClientFieldsTest {

    private static Stream<Arguments> requests() {
        return Stream.of(arguments(ChatCompletionCreateParams.Body.class, OpenAiContracts.CHAT),
                arguments(com.openai.models.completions.CompletionCreateParams.Body.class,
                        OpenAiContracts.COMPLETIONS),
                arguments(EmbeddingCreateParams.Body.class, OpenAiContracts.EMBEDDINGS),
                arguments(ResponseCreateParams.Body.class, ResponsesContract.RESPONSES),
                arguments(com.anthropic.models.messages.MessageCreateParams.Body.class, MessagesContract.MESSAGES),
                arguments(com.anthropic.models.messages.MessageCountTokensParams.Body.class,
                        MessagesContract.COUNT_TOKENS));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void every_field_of_the_makers_is_told_of(Class<?> request, Contract contract) {
        List<String> sendable = Arrays.stream(request.getMethods()).map(ClientFieldsTest::field)
                .filter(Objects::nonNull).toList();
        assertThat(sendable).hasSizeGreaterThan(4);
        List<String> told = contract.fields().stream().map(FieldContract::name).toList();
        assertThat(told).containsAll(sendable).doesNotHaveDuplicates();
    }

    private static @Nullable String field(Method method) {
        JsonProperty property = method.getAnnotation(JsonProperty.class);
        return property == null ? null : property.value();
    }
}
