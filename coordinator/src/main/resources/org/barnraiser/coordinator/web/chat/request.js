import { withAttachments } from './attachments.js';
import { parameters } from './settings.js';
import { TOKENS_AROUND_MESSAGE } from './token-count.js';

/** Part of the context that is kept free for the answer, when no length was chosen. */
const ANSWER_SHARE = 0.25;

/**
 * Which messages are sent. A conversation may be longer than the context; then its oldest messages stay behind.
 *
 * @param {{tokens: number}[]} messages from the first to the last, with their numbers of tokens
 * @param {number} systemTokens
 * @param {{context: number, answer: ?number}} room answer: the length that was chosen for the answer, if any
 * @returns {{from: number, used: number}} the first message that is sent, and the tokens of all that is sent
 */
export function fit(messages, systemTokens, room) {
  const forAnswer = Math.min(room.answer ?? Infinity, Math.floor(room.context * ANSWER_SHARE));
  let used = systemTokens + (systemTokens > 0 ? TOKENS_AROUND_MESSAGE : 0) + TOKENS_AROUND_MESSAGE;
  let from = messages.length;
  while (from > 0) {
    const more = messages[from - 1].tokens + TOKENS_AROUND_MESSAGE;
    // The question itself is always sent; the server says so if it is too long.
    if (from < messages.length && used + more > room.context - forAnswer) {
      break;
    }
    used += more;
    from--;
  }
  // An answer without its question would puzzle the model.
  while (from > 0 && from < messages.length - 1 && messages[from].role === 'assistant') {
    used -= messages[from].tokens + TOKENS_AROUND_MESSAGE;
    from++;
  }
  return { from, used };
}

/**
 * The request for an answer.
 *
 * @param {object[]} messages what is sent, from the oldest; when the last is an answer, it is continued
 * @param {string} system
 */
export function requestFor(messages, system, settings) {
  const sent = messages.map((message) => ({ role: message.role, content: withAttachments(message) }));
  if (system !== '') {
    sent.unshift({ role: 'system', content: system });
  }
  const continued = messages.at(-1).role === 'assistant';
  return { messages: sent, ...parameters(settings), ...(continued ? { continue_final_message: true } : {}) };
}
