import Anthropic from '@anthropic-ai/sdk';
import {assert, assertFits, base, check, model, schema} from './checks.mjs';

const client = new Anthropic({baseURL: base, apiKey: 'none', maxRetries: 0});
const messages = [{role: 'user', content: 'What is Barnraiser?'}];
const tools = [{name: 'decide', description: 'Decides.', input_schema: schema}];

await check('anthropic, a message', async () => {
    const message = await client.messages.create({model, messages, max_tokens: 200, temperature: 0});
    assert.equal(message.stop_reason, 'end_turn');
    assert.match(message.content[0].text, /Barnraiser/);
    assert.ok(message.usage.input_tokens + message.usage.cache_read_input_tokens > 0);
});

await check('anthropic, a streamed message', async () => {
    let text = '';
    const stream = client.messages.stream({model, messages, max_tokens: 200, temperature: 0,
        system: [{type: 'text', text: 'Be kind.', cache_control: {type: 'ephemeral'}}]})
        .on('text', delta => text += delta);
    const message = await stream.finalMessage();
    assert.equal(text, message.content[0].text);
    assert.ok(message.usage.output_tokens > 0);
});

await check('anthropic, structured output', async () => {
    const message = await client.messages.create({model, messages, max_tokens: 100,
        output_config: {format: {type: 'json_schema', schema}}});
    assertFits(JSON.parse(message.content[0].text));
});

await check('anthropic, a tool and its result', async () => {
    const asked = await client.messages.create({model, messages, tools, max_tokens: 200,
        tool_choice: {type: 'any', disable_parallel_tool_use: true}});
    assert.equal(asked.stop_reason, 'tool_use');
    const call = asked.content.find(block => block.type === 'tool_use');
    assert.equal(call.name, 'decide');
    assertFits(call.input);
    const answer = await client.messages.create({model, tools, max_tokens: 5, tool_choice: {type: 'none'},
        messages: [...messages, {role: 'assistant', content: asked.content},
            {role: 'user', content: [{type: 'tool_result', tool_use_id: call.id, content: 'done'}]}]});
    assert.equal(answer.role, 'assistant');
});

await check('anthropic, a streamed tool call', async () => {
    const message = await client.messages.stream({model, messages, tools, max_tokens: 200,
        tool_choice: {type: 'tool', name: 'decide'}}).finalMessage();
    assertFits(message.content.find(block => block.type === 'tool_use').input);
});

await check('anthropic, tokens are counted', async () => {
    const counted = await client.messages.countTokens({model, messages});
    const message = await client.messages.create({model, messages, max_tokens: 1});
    assert.equal(counted.input_tokens, message.usage.input_tokens + message.usage.cache_read_input_tokens);
});

await check('anthropic, errors are its own', async () => {
    await assert.rejects(client.messages.create({model: 'claude-9', messages, max_tokens: 5}), Anthropic.NotFoundError);
    await assert.rejects(client.messages.create({model, messages, max_tokens: 0}),
        error => error instanceof Anthropic.BadRequestError && error.message.includes('max_tokens'));
    const stranger = new Anthropic({baseURL: base, apiKey: 'none', maxRetries: 0,
        defaultHeaders: {'X-Forwarded-For': '10.0.0.7'}});
    await assert.rejects(stranger.messages.create({model, messages, max_tokens: 5}), Anthropic.PermissionDeniedError);
});

await check('anthropic, time-outs and aborts', async () => {
    const long = {model, messages, max_tokens: 900, ignore_eos: true};
    await assert.rejects(client.messages.create(long, {timeout: 20}), Anthropic.APIConnectionTimeoutError);
    const stream = client.messages.stream(long);
    stream.on('text', () => stream.abort());
    await assert.rejects(stream.done(), Anthropic.APIUserAbortError);
});
