import { EventParser } from './event-parser.js';

/** The server sends something each second while it lives, so this long a silence means that it is gone. */
const SILENCE_MILLIS = 45_000;

/** What a comment of the stream begins with while machines are missing. */
const PAUSED = 'paused:';

/**
 * Why an answer ended before it was whole. The message is for people; reason is one of 'refused', 'broken', 'cut', 'silent'
 * and 'unreachable'.
 */
export class AnswerError extends Error {
  constructor(reason, message, code = null) {
    super(message);
    this.reason = reason;
    this.code = code;
  }
}

/**
 * Asks for an answer and reports it while it is made.
 *
 * @param {object} request the body for /v1/chat/completions
 * @param {{text: (piece: string) => void, pause: (reason: string) => void, begin: () => void}} heard begin is called with the
 *   first text, and again with the first text after a pause
 * @param {AbortSignal} signal ends the request; the promise is then rejected with the signal's reason
 * @returns {Promise<{finish: string, usage: ?object, model: ?string, fingerprint: ?string}>}
 */
export async function streamAnswer(request, heard, signal) {
  const silence = new Silence(signal);
  try {
    const response = await ask(request, silence.signal);
    const answer = new Answer(heard);
    const parser = new EventParser((data) => answer.onData(data), (comment) => answer.onComment(comment));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      silence.broken();
      parser.push(read.value);
    }
    return answer.whole();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AnswerError) {
      throw error;
    }
    throw new AnswerError(silence.signal.aborted ? 'silent' : 'cut', String(error?.message ?? error));
  } finally {
    silence.end();
  }
}

async function ask(request, signal) {
  let response;
  try {
    response = await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } }),
      cache: 'no-store',
      signal,
    });
  } catch (error) {
    throw signal.aborted ? error : new AnswerError('unreachable', String(error.message));
  }
  if (!response.ok) {
    const error = await response.json().then((body) => body.error).catch(() => null);
    throw new AnswerError('refused', error?.message ?? `HTTP ${response.status}`, error?.code ?? null);
  }
  return response;
}

/** What was heard of one answer so far. */
class Answer {
  #heard;
  #running = false;
  #thinks = false;
  #done = false;
  #result = { finish: null, usage: null, model: null, fingerprint: null };

  constructor(heard) {
    this.#heard = heard;
  }

  onComment(comment) {
    if (comment.startsWith(PAUSED)) {
      this.#running = false;
      this.#heard.pause(comment.slice(PAUSED.length).trim());
    }
  }

  onData(data) {
    if (data === '[DONE]') {
      this.#done = true;
      return;
    }
    const event = JSON.parse(data);
    if (event.error) {
      throw new AnswerError('broken', event.error.message, event.error.code);
    }
    const result = this.#result;
    result.model = event.model ?? result.model;
    result.fingerprint = event.system_fingerprint ?? result.fingerprint;
    result.usage = event.usage ?? result.usage;
    const choice = event.choices?.[0];
    this.#hear(choice?.delta?.reasoning_content, true);
    this.#hear(choice?.delta?.content, false);
    result.finish = choice?.finish_reason ?? result.finish;
  }

  /** Thoughts are kept as models write them, in front of the answer and between marks. */
  #hear(text, thinks) {
    if (!text) {
      return;
    }
    if (!this.#running) {
      this.#running = true;
      this.#heard.begin();
    }
    const mark = thinks === this.#thinks ? '' : thinks ? '<think>\n' : '\n</think>\n\n';
    this.#thinks = thinks;
    this.#heard.text(mark + text);
  }

  whole() {
    if (!this.#done) {
      throw new AnswerError('cut', 'The connection ended before the answer did.');
    }
    return this.#result;
  }
}

/** A signal that follows another one, and aborts by itself when nothing was heard for too long. */
class Silence {
  #controller = new AbortController();
  #timer;

  constructor(signal) {
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
    this.broken();
  }

  broken() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(), SILENCE_MILLIS);
  }

  end() {
    clearTimeout(this.#timer);
  }
}
