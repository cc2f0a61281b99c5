package org.barnraiser.coordinator.api;

import org.barnraiser.coordinator.api.dialect.ChatTranslation;
import org.barnraiser.coordinator.api.dialect.Dialect;
import org.barnraiser.coordinator.api.dialect.FieldOrigins;
import org.barnraiser.coordinator.model.ModelDescription;

/** Reads requests in another dialect as the chat requests that ask the same. */
final class DialectReader implements AnswerRequest.Reader {
    private final Dialect dialect;
    private final AnswerRequest.Reader chat;

    DialectReader(Dialect dialect, AnswerRequest.Reader chat) {
        this.dialect = dialect;
        this.chat = chat;
    }

    @Override
    public AnswerRequest read(Fields fields, ModelDescription model) throws ApiException {
        ChatTranslation translation = dialect.translate(fields, model);
        try {
            AnswerRequest asked = chat.read(new Fields(translation.chat()), model);
            return new AnswerRequest(asked.promptParam(), asked.prompt(), asked.settings(), asked.reading(),
                    translation.format());
        } catch (ApiException refused) {
            throw new ApiException(inTermsOf(translation.origins(), refused.error()));
        }
    }

    /** The error as if the reader had read what was sent. */
    private static ApiError inTermsOf(FieldOrigins origins, ApiError error) {
        String param = error.param();
        if (param == null) {
            return error;
        }
        String origin = origins.of(param);
        return new ApiError(error.status(), error.type(), error.code(), origin,
                error.message().replace("'" + param + "'", "'" + origin + "'"), error.retryAfterSeconds(),
                error.headers());
    }
}
