import OpenAI from 'openai';
import {assert, assertFits, base, check, model, schema} from './checks.mjs';

const client = new OpenAI({baseURL: `${base}/v1`, apiKey: 'none', maxRetries: 0});
const messages = [{role: 'user', content: 'What is Barnraiser?'}];
const tools = [{type: 'function', function: {name: 'decide', description: 'Decides.', parameters: schema, strict: true}}];

await check('openai, chat', async () => {
    const answer = await client.chat.completions.create({model, messages, temperature: 0});
    assert.match(answer.choices[0].message.content, /Barnraiser/);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.ok(answer.usage.completion_tokens > 0);
});

await check('openai, a streamed chat', async () => {
    const stream = client.chat.completions.stream({model, messages, temperature: 0,
        stream_options: {include_usage: true}});
    let text = '';
    stream.on('content', delta => text += delta);
    const whole = await stream.finalChatCompletion();
    assert.equal(text, whole.choices[0].message.content);
    assert.match(text, /Barnraiser/);
    assert.ok(whole.usage.total_tokens > 0);
});

await check('openai, structured output', async () => {
    const answer = await client.chat.completions.parse({model, messages, max_tokens: 100,
        response_format: {type: 'json_schema', json_schema: {name: 'decision', strict: true, schema}}});
    assertFits(answer.choices[0].message.parsed);
});

await check('openai, a tool and its result', async () => {
    const asked = await client.chat.completions.create({model, messages, tools, tool_choice: 'required',
        parallel_tool_calls: false, max_tokens: 200});
    assert.equal(asked.choices[0].finish_reason, 'tool_calls');
    const [call] = asked.choices[0].message.tool_calls;
    assert.equal(call.function.name, 'decide');
    assertFits(JSON.parse(call.function.arguments));
    const answer = await client.chat.completions.create({model, tools, tool_choice: 'none', max_tokens: 5,
        messages: [...messages, asked.choices[0].message, {role: 'tool', tool_call_id: call.id, content: 'done'}]});
    assert.equal(typeof answer.choices[0].message.content, 'string');
});

await check('openai, a streamed tool call', async () => {
    const stream = client.chat.completions.stream({model, messages, tools, max_tokens: 200,
        tool_choice: {type: 'function', function: {name: 'decide'}}});
    const whole = await stream.finalChatCompletion();
    assertFits(JSON.parse(whole.choices[0].message.tool_calls[0].function.arguments));
});

await check('openai, responses', async () => {
    const response = await client.responses.create({model, input: 'What is Barnraiser?', temperature: 0});
    assert.equal(response.status, 'completed');
    assert.match(response.output_text, /Barnraiser/);
});

await check('openai, a streamed response', async () => {
    const stream = client.responses.stream({model, input: 'What is Barnraiser?', temperature: 0});
    let text = '';
    stream.on('response.output_text.delta', event => text += event.delta);
    const whole = await stream.finalResponse();
    assert.equal(text, whole.output_text);
    assert.ok(whole.usage.output_tokens > 0);
});

await check('openai, a response with structure', async () => {
    const response = await client.responses.parse({model, input: 'Decide.', max_output_tokens: 100,
        text: {format: {type: 'json_schema', name: 'decision', strict: true, schema}}});
    assertFits(response.output_parsed);
});

await check('openai, embeddings', async () => {
    const answer = await client.embeddings.create({model, input: ['a barn', 'a house']});
    assert.equal(answer.data.length, 2);
    const length = answer.data[0].embedding.reduce((sum, each) => sum + each * each, 0);
    assert.ok(Math.abs(length - 1) < 1e-3);
    assert.ok(answer.usage.prompt_tokens > 0);
});

await check('openai, a response with a tool and its result', async () => {
    const functions = [{type: 'function', name: 'decide', parameters: schema, strict: true}];
    const input = [{role: 'user', content: 'Decide.'}];
    const stream = client.responses.stream({model, input, tools: functions, tool_choice: 'required',
        parallel_tool_calls: false, max_output_tokens: 200});
    const asked = await stream.finalResponse();
    const call = asked.output.find(item => item.type === 'function_call');
    assertFits(JSON.parse(call.arguments));
    const answer = await client.responses.create({model, tools: functions, tool_choice: 'none', max_output_tokens: 5,
        input: [...input, ...asked.output, {type: 'function_call_output', call_id: call.call_id, output: 'done'}]});
    assert.equal(answer.object, 'response');
});

await check('openai, models', async () => {
    const models = await client.models.list();
    assert.deepEqual(models.data.map(each => each.id), [model]);
    assert.equal((await client.models.retrieve(model)).object, 'model');
});

await check('openai, errors are its own', async () => {
    await assert.rejects(client.chat.completions.create({model: 'gpt-9', messages}),
        error => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found');
    await assert.rejects(client.chat.completions.create({model, messages, temperature: 9}),
        error => error instanceof OpenAI.BadRequestError && error.param === 'temperature');
    await assert.rejects(client.responses.create({model, input: 'x', previous_response_id: 'resp_1'}),
        error => error instanceof OpenAI.BadRequestError && error.param === 'previous_response_id');
    const stranger = new OpenAI({baseURL: `${base}/v1`, apiKey: 'none', maxRetries: 0,
        defaultHeaders: {'X-Forwarded-For': '10.0.0.7'}});
    await assert.rejects(stranger.chat.completions.create({model, messages}), OpenAI.PermissionDeniedError);
});

await check('openai, time-outs and aborts', async () => {
    const long = {model, messages, max_tokens: 900, ignore_eos: true};
    await assert.rejects(client.chat.completions.create(long, {timeout: 20}), OpenAI.APIConnectionTimeoutError);
    const stream = client.chat.completions.stream(long);
    stream.on('content', () => stream.abort());
    await assert.rejects(stream.done(), OpenAI.APIUserAbortError);
});
