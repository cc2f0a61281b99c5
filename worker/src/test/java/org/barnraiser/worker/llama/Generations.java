package org.barnraiser.worker.llama;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Plain generation with one context, as tests need it. */
final class Generations {
    static final String STORY_PROMPT = "Once upon a time";

    private Generations() {}

    /** Feeds tokens to slot 0 from a position on; the last one is an output. */
    static void feed(LlamaContext context, int position, int... tokens) throws DecodeException {
        try (Batch batch = Batch.ofTokens(tokens.length)) {
            for (int i = 0; i < tokens.length; i++) {
                batch.addToken(tokens[i], position + i, 0, i == tokens.length - 1);
            }
            context.decode(batch);
        }
    }

    /** What a chain makes of a prompt, until the model ends or {@code maxTokens} are there. */
    static String generate(LlamaContext context, SamplerChain chain, int[] prompt, int maxTokens)
            throws LlamaException {
        Vocabulary vocabulary = context.model().vocabulary();
        var text = new ByteArrayOutputStream();
        feed(context, 0, prompt);
        int row = prompt.length - 1;
        for (int i = 0; i < maxTokens; i++) {
            int token = chain.sample(context, row);
            if (vocabulary.isEndOfGeneration(token)) {
                break;
            }
            text.writeBytes(vocabulary.piece(token));
            feed(context, prompt.length + i, token);
            row = 0;
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** The most likely continuation. */
    static String greedy(LlamaModel model, String prompt, int maxTokens) throws LlamaException {
        try (LlamaContext context = model.newContext(new ContextOptions(256, 64, 1, 1, false));
                SamplerChain chain = model.newSamplerChain()) {
            chain.add(new Sampler.Greedy());
            return generate(context, chain, model.vocabulary().tokenize(prompt, true, false), maxTokens);
        }
    }
}
