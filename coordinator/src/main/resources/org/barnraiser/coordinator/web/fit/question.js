/** What the reader asks about, and how the server is asked. */
import { KINDS, QUANTISATIONS, SIZES } from './catalogue.js';

const GIGABYTE = 1e9;

/**
 * @typedef {{key: string, name: string, memoryGigabytes: number, bandwidthGigabytes: number}} MadeUp
 * @typedef {{machine: string, first: number, last: number, memoryBytes: number, lentBytes: number}} Part
 * @typedef {{fits: boolean, missingBytes: number, modelBytes: number, lentBytes: number, layers: number, estimated: boolean,
 *   stages: Part[], unused: string[], tokensPerSecond?: {slow: number, fast: number}}} Fit
 */

export const question = {
  /** @type {'loaded' | 'sizes'} */
  model: 'sizes',
  billions: SIZES[1].billions,
  activeBillions: SIZES[1].billions,
  layers: SIZES[1].layers,
  bits: QUANTISATIONS[1].bits,
  contextTokens: 8192,
  slots: 4,
  /** @type {'cluster' | 'madeUp'} */
  machines: 'madeUp',
  /** @type {MadeUp[]} */
  madeUp: [],
};

/**
 * Adds a machine of a kind, under a name that no other has.
 *
 * @param {string} key
 * @param {string} kindName
 */
export function addMachine(key, kindName) {
  const kind = KINDS.find(other => other.key === key) ?? KINDS[0];
  let name = kindName;
  for (let n = 2; question.madeUp.some(machine => machine.name === name); n++) name = `${kindName} ${n}`;
  question.madeUp.push({ ...kind, name });
}

/**
 * Asks the server's planner.
 *
 * @returns {Promise<Fit>}
 */
export async function ask() {
  const { model, machines, billions, activeBillions, layers, bits, contextTokens, slots } = question;
  const body = {
    model: model === 'loaded' ? 'loaded'
      : { billions, activeBillions: Math.min(activeBillions, billions), layers, bits, contextTokens, slots },
    machines: machines === 'cluster' ? 'cluster' : question.madeUp.map(machine => ({
      name: machine.name,
      memoryBytes: Math.round(machine.memoryGigabytes * GIGABYTE),
      ...(machine.bandwidthGigabytes > 0 ? { bandwidthBytesPerSecond: machine.bandwidthGigabytes * GIGABYTE } : {}),
    })),
  };
  const response = await fetch('/api/plan', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
}
