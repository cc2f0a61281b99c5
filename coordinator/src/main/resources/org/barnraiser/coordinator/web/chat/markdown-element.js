import { t } from '../shell/i18n.js';
import { StreamedMarkdown } from './streamed-markdown.js';
import { partThoughts } from './thoughts.js';

/** `<chat-markdown>`: an answer, which may still grow. What the model thought aloud is folded away above it. */
class MarkdownElement extends HTMLElement {
  #answer = part('answer');
  #thoughts = null;
  #finished = null;

  connectedCallback() {
    if (!this.#answer.element.isConnected) this.append(this.#answer.element);
  }

  /** @param {{text: string, running: boolean}} content */
  set content({ text, running }) {
    if (!running && this.#finished === text) return;
    this.#finished = running ? null : text;
    const { thoughts, answer } = partThoughts(text);
    if (thoughts !== '') {
      this.#thoughts ??= this.#fold();
      show(this.#thoughts.view, thoughts, running && answer === '');
    }
    show(this.#answer.view, answer, running);
  }

  #fold() {
    const folded = part('thoughts');
    const details = document.createElement('details');
    const summary = document.createElement('summary');
    summary.textContent = t('chat.message.thoughts');
    details.append(summary, folded.element);
    this.prepend(details);
    return folded;
  }
}

function part(name) {
  const element = document.createElement('div');
  element.className = name;
  return { element, view: new StreamedMarkdown(element) };
}

function show(view, text, running) {
  if (running) view.update(text);
  else view.finish(text);
}

customElements.define('chat-markdown', MarkdownElement);
