/** Reads server-sent events from text that arrives in pieces of any length. */
export class EventParser {
  #rest = '';
  #data = [];
  #onData;
  #onComment;

  /**
   * @param {(data: string) => void} onData hears the data of every event
   * @param {(comment: string) => void} onComment hears every comment line
   */
  constructor(onData, onComment) {
    this.#onData = onData;
    this.#onComment = onComment;
  }

  push(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) {
      this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
  }

  #line(line) {
    if (line === '') {
      if (this.#data.length > 0) {
        const data = this.#data.join('\n');
        this.#data = [];
        this.#onData(data);
      }
    } else if (line.startsWith(':')) {
      this.#onComment(line.slice(1).trim());
    } else if (line.startsWith('data:')) {
      this.#data.push(line.slice(5).replace(/^ /, ''));
    }
  }
}
