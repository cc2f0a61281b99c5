import {createOpenAICompatible} from '@ai-sdk/openai-compatible';
import {APICallError, Output, embed, generateText, jsonSchema, stepCountIs, streamText, tool} from 'ai';
import {assert, assertFits, base, check, model as name, schema} from './checks.mjs';

const provider = createOpenAICompatible({name: 'barnraiser', baseURL: `${base}/v1`, supportsStructuredOutputs: true,
    includeUsage: true});
const model = provider.chatModel(name);
const prompt = 'What is Barnraiser?';
const decide = {decide: tool({description: 'Decides.', inputSchema: jsonSchema(schema), execute: async () => 'done'})};

await check('vercel, chat', async () => {
    const answer = await generateText({model, prompt, temperature: 0, maxRetries: 0});
    assert.match(answer.text, /Barnraiser/);
    assert.equal(answer.finishReason, 'stop');
});

await check('vercel, a streamed chat', async () => {
    const answer = streamText({model, prompt, temperature: 0, maxRetries: 0});
    let text = '';
    for await (const delta of answer.textStream) {
        text += delta;
    }
    assert.match(text, /Barnraiser/);
    assert.ok((await answer.usage).outputTokens > 0);
});

await check('vercel, structured output', async () => {
    const answer = await generateText({model, prompt, maxOutputTokens: 100, maxRetries: 0,
        output: Output.object({schema: jsonSchema(schema)})});
    assertFits(answer.output);
});

await check('vercel, a tool and its result', async () => {
    const answer = await generateText({model, prompt, tools: decide, toolChoice: 'required', maxOutputTokens: 200,
        maxRetries: 0, stopWhen: stepCountIs(2)});
    assert.equal(answer.steps.length, 2);
    assertFits(answer.steps[0].toolCalls[0].input);
    assert.equal(answer.steps[0].toolResults[0].output, 'done');
});

await check('vercel, embeddings', async () => {
    const answer = await embed({model: provider.textEmbeddingModel(name), value: 'a barn', maxRetries: 0});
    assert.ok(answer.embedding.length > 0);
});

await check('vercel, errors are its own', async () => {
    await assert.rejects(generateText({model: provider.chatModel('gpt-9'), prompt, maxRetries: 0}),
        error => APICallError.isInstance(error) && error.statusCode === 404 && !error.isRetryable);
});

await check('vercel, aborts', async () => {
    const asked = generateText({model, prompt, maxOutputTokens: 900, maxRetries: 0,
        providerOptions: {barnraiser: {ignore_eos: true}}, abortSignal: AbortSignal.timeout(20)});
    await assert.rejects(asked, error => error.name === 'TimeoutError' || error.name === 'AbortError');
});
