// Runs checks one after the other and tells each in a line: "ok NAME" or "failed NAME: why".
import assert from 'node:assert/strict';

export {assert};
export const base = process.env.BARN_URL;
export const model = 'barnraiser-demo';

/** Two fields that end by themselves, so that even nonsense is soon complete. */
export const schema = {
    type: 'object',
    properties: {answer: {enum: ['yes', 'no']}, count: {type: 'integer', minimum: 0, maximum: 9}},
    required: ['answer', 'count'],
    additionalProperties: false,
};

export function assertFits(value) {
    assert.deepEqual(Object.keys(value).sort(), ['answer', 'count']);
    assert.ok(['yes', 'no'].includes(value.answer));
    assert.ok(Number.isInteger(value.count) && value.count >= 0 && value.count <= 9);
}

export async function check(name, body) {
    try {
        await body();
        console.log(`ok ${name}`);
    } catch (failed) {
        process.exitCode = 1;
        console.log(`failed ${name}: ${String(failed?.stack ?? failed).replaceAll('\n', ' | ')}`);
    }
}
