import { AnswerError, streamAnswer } from './answer-stream.js';
import { currentPlace } from './place.js';

/** A page that is closed in mid-answer loses no more than this. */
const SAVED_EVERY_MILLIS = 2_000;

/**
 * An answer that is being made. It writes into its message, which the store keeps up to date, and tells of it by the events
 * 'text' (there is more text), 'status' (a pause began or ended) and 'end'.
 */
export class AnswerRun extends EventTarget {
  #abort = new AbortController();
  #store;
  #unsaved = 0;
  #placed = Promise.resolve();
  /** Why the answer waits, or null while it runs. */
  pause = null;

  constructor(message, store) {
    super();
    this.message = message;
    this.#store = store;
  }

  /** Ends the answer as the reader wants it; what came so far stays. */
  stop() {
    this.#abort.abort();
  }

  /**
   * Asks, and comes back when the answer has ended in whatever way; never throws.
   *
   * @param {() => Promise<object>} prepare makes the request
   */
  async run(prepare) {
    const message = this.message;
    const begun = { text: message.text, tokens: message.text === '' ? 0 : message.tokens ?? 0, seconds: message.seconds ?? 0 };
    let pieces = 0;
    let start = 0;
    message.finish = 'running';
    delete message.error;
    await this.#save();
    const heard = {
      begin: () => this.#begin(start === 0),
      pause: reason => this.#setPause(reason),
      text: piece => {
        start ||= performance.now();
        pieces += 1;
        message.text += piece;
        this.dispatchEvent(new Event('text'));
        this.#saveSoon();
      },
    };
    try {
      const result = await streamAnswer(await prepare(), heard, this.#abort.signal);
      Object.assign(message, { finish: result.finish ?? 'stop', model: result.model, fingerprint: result.fingerprint,
        promptTokens: result.usage?.prompt_tokens });
      pieces = result.usage?.completion_tokens ?? pieces;
    } catch (error) {
      Object.assign(message, this.#abort.signal.aborted ? { finish: 'stopped' } : { finish: 'error', error: described(error) });
    }
    message.tokens = begun.tokens + pieces;
    message.seconds = begun.seconds + (start === 0 ? 0 : (performance.now() - start) / 1000);
    await this.#placed;
    this.pause = null;
    clearTimeout(this.#unsaved);
    await this.#save();
    this.dispatchEvent(new Event('end'));
  }

  /** The stages are those of the moment in which the text begins, and begins once more after a pause. */
  #begin(first) {
    this.#setPause(null);
    if (first && this.message.text === '') {
      delete this.message.places;
    }
    this.#placed = this.#placed.then(() => this.#learnPlace());
  }

  async #learnPlace() {
    const place = await currentPlace();
    if (place) {
      this.message.model = place.model;
      this.message.fingerprint = place.fingerprint;
      this.message.places = [...this.message.places ?? [], { stages: place.stages, ...place.others.length > 0 && { others: place.others } }];
    }
  }

  #setPause(reason) {
    if (this.pause !== reason) {
      this.pause = reason;
      this.dispatchEvent(new Event('status'));
    }
  }

  #saveSoon() {
    this.#unsaved ||= setTimeout(() => {
      this.#unsaved = 0;
      this.#save();
    }, SAVED_EVERY_MILLIS);
  }

  /** A full disk must not end the answer that the reader is reading. */
  async #save() {
    try {
      await this.#store.saveMessage(this.message);
    } catch (error) {
      this.dispatchEvent(new CustomEvent('unsaved', { detail: error }));
    }
  }
}

function described(error) {
  return error instanceof AnswerError
    ? { reason: error.reason, message: error.message, code: error.code }
    : { reason: 'cut', message: String(error?.message ?? error), code: null };
}
