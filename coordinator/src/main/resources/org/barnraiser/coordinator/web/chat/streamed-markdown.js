import { blocks, codeOf, toDom } from './markdown.js';
import { addHighlight, codeFrame } from './code-block.js';
import { typeset } from './maths.js';

/**
 * Markdown in an element, shown while it grows: only the last block is made anew, so a long answer costs no more per token
 * than a short one, and what the reader has selected above stays selected.
 */
export class StreamedMarkdown {
  #container;
  /** Text of the blocks that will not change any more. */
  #settled = '';
  /** The element of the last block, and the code in it if it is one. */
  #open = null;
  #openCode = null;
  /** The list of which more entries may come. */
  #list = null;

  constructor(container) {
    this.#container = container;
  }

  /** Shows a text that may go on. */
  update(text) {
    const source = text.replace(/\r\n?/g, '\n');
    if (!source.startsWith(this.#settled)) {
      this.#clear();
    }
    const found = blocks(source.slice(this.#settled.length));
    found.slice(0, -1).forEach((block) => {
      this.#settle(block);
      this.#settled += block.raw;
    });
    if (found.length > 0) {
      this.#showOpen(found.at(-1));
    }
  }

  /** Shows the whole text. */
  finish(text) {
    this.update(text);
    const source = text.replace(/\r\n?/g, '\n');
    blocks(source.slice(this.#settled.length)).forEach((block) => this.#settle(block));
    this.#settled = source;
    this.#endList();
  }

  #clear() {
    this.#container.replaceChildren();
    this.#list = null;
    this.#settled = '';
    this.#open = null;
    this.#openCode = null;
  }

  #settle(block) {
    const element = this.#element(block);
    element.querySelectorAll('pre code').forEach(addHighlight);
    typeset(element);
    const list = element.querySelector(':scope > ul, :scope > ol');
    if (this.#list && list?.tagName === this.#list.tagName) {
      this.#open?.remove();
      this.#list.append(...list.children);
    } else {
      this.#endList();
      this.#replaceOpen(element);
      this.#list = list;
    }
    if (!block.goesOn) this.#endList();
    this.#list?.parentElement.classList.add('goes-on');
    this.#open = null;
    this.#openCode = null;
  }

  #endList() {
    this.#list?.parentElement.classList.remove('goes-on');
    this.#list = null;
  }

  #showOpen(block) {
    const code = codeOf(block);
    if (code && this.#openCode?.dataset.language === code.language) {
      // Code grows in place, so that its copy button keeps the focus.
      this.#openCode.textContent = code.text;
      return;
    }
    const element = this.#element(block);
    this.#replaceOpen(element);
    this.#open = element;
    this.#openCode = code ? element.querySelector('code') : null;
  }

  #replaceOpen(element) {
    if (this.#open) {
      this.#open.replaceWith(element);
    } else {
      this.#container.append(element);
    }
  }

  #element(block) {
    const element = document.createElement('div');
    element.className = 'block';
    element.append(toDom(block));
    element.querySelectorAll('table').forEach(scrollable);
    element.querySelectorAll('pre').forEach((pre) => pre.replaceWith(codeFrame(pre)));
    const code = codeOf(block);
    if (code) {
      element.querySelector('code').dataset.language = code.language;
    }
    return element;
  }
}

/** A wide table scrolls by itself and not the page; a box that scrolls must take the focus, for those without a mouse. */
function scrollable(table) {
  const frame = document.createElement('div');
  frame.className = 'table-frame';
  frame.tabIndex = 0;
  table.replaceWith(frame);
  frame.append(table);
}
