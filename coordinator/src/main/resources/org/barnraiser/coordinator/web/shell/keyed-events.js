/** Server-sent events for readers with a key: the browser's own EventSource sends no headers. It has the parts of it that pages use. */
const RETRY_MILLIS = 3_000;

export class KeyedEvents {
  onopen = () => {};
  onmessage = () => {};
  onerror = () => {};
  readyState = EventSource.CONNECTING;
  #url;
  #abort = new AbortController();

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
    void this.#run();
  }

  close() {
    this.readyState = EventSource.CLOSED;
    this.#abort.abort();
  }

  async #run() {
    while (this.readyState !== EventSource.CLOSED) {
      try {
        const response = await fetch(this.#url, { cache: 'no-store', signal: this.#abort.signal });
        if (!response.ok || !response.body) {
          this.readyState = EventSource.CLOSED;
        } else {
          this.readyState = EventSource.OPEN;
          this.onopen();
          await this.#read(response.body);
          this.readyState = EventSource.CONNECTING;
        }
      } catch {
        if (this.#abort.signal.aborted) return;
        this.readyState = EventSource.CONNECTING;
      }
      this.onerror();
      if (this.readyState === EventSource.CONNECTING) await new Promise(resolve => setTimeout(resolve, RETRY_MILLIS));
    }
  }

  /** @param {ReadableStream<Uint8Array>} body */
  async #read(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (rest + part.value).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        if (event.startsWith('data: ')) this.onmessage({ data: event.slice('data: '.length) });
      }
    }
  }
}
