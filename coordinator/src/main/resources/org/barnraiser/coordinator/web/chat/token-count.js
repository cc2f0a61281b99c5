const MOST_REMEMBERED = 500;
/** Roughly what a chat template adds to each message. */
export const TOKENS_AROUND_MESSAGE = 8;

/** Counts tokens with a hosted model's own vocabulary, and remembers what it counted. */
export class TokenCount {
  #known = new Map();
  /** Whose vocabulary counts where no model is named. */
  model = null;

  /**
   * @param {string} text
   * @param {?AbortSignal} signal
   * @param {?string} model whose vocabulary counts
   * @returns {Promise<?number>} null when nobody can count now, as while the model is being loaded
   */
  async of(text, signal, model = this.model) {
    if (text === '') {
      return 0;
    }
    const key = `${model ?? ''}\n${text}`;
    if (!this.#known.has(key)) {
      const tokens = await ask(text, signal, model);
      if (tokens === null) {
        return null;
      }
      this.#known.set(key, tokens);
      if (this.#known.size > MOST_REMEMBERED) {
        this.#known.delete(this.#known.keys().next().value);
      }
    }
    return this.#known.get(key);
  }
}

async function ask(text, signal, model) {
  try {
    const response = await fetch('/v1/tokenize', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ content: text, ...(model ? { model } : {}) }),
      cache: 'no-store',
      signal,
    });
    return response.ok ? (await response.json()).tokens.length : null;
  } catch {
    return null;
  }
}
