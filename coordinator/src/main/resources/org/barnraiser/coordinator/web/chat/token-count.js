const MOST_REMEMBERED = 500;
/** Roughly what a chat template adds to each message. */
export const TOKENS_AROUND_MESSAGE = 8;

/** Counts tokens with the hosted model's own vocabulary, and remembers what it counted. */
export class TokenCount {
  #known = new Map();

  /**
   * @returns {Promise<?number>} null when nobody can count now, as while the model is being loaded
   */
  async of(text, signal) {
    if (text === '') {
      return 0;
    }
    if (!this.#known.has(text)) {
      const tokens = await ask(text, signal);
      if (tokens === null) {
        return null;
      }
      this.#known.set(text, tokens);
      if (this.#known.size > MOST_REMEMBERED) {
        this.#known.delete(this.#known.keys().next().value);
      }
    }
    return this.#known.get(text);
  }
}

async function ask(text, signal) {
  try {
    const response = await fetch('/v1/tokenize', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ content: text }),
      cache: 'no-store',
      signal,
    });
    return response.ok ? (await response.json()).tokens.length : null;
  } catch {
    return null;
  }
}
