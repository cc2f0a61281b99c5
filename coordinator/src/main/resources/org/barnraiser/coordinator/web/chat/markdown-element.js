import { StreamedMarkdown } from './streamed-markdown.js';

/** `<chat-markdown>`: an answer, which may still grow. */
class MarkdownElement extends HTMLElement {
  #view = new StreamedMarkdown(this);
  #finished = null;

  /** @param {{text: string, running: boolean}} content */
  set content({ text, running }) {
    if (running) {
      this.#finished = null;
      this.#view.update(text);
    } else if (this.#finished !== text) {
      this.#finished = text;
      this.#view.finish(text);
    }
  }
}

customElements.define('chat-markdown', MarkdownElement);
