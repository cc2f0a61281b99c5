const SENTENCE_END = /[.!?…:](?=\s)|\n/g;
const MARKUP = /[*_`#>|~]+/g;
const MOST_SENTENCES = 30;

/** Reads an answer to those who hear the page: whole sentences, as each comes, and not every token. */
export class Announcer {
  #region;
  #said = 0;

  /** @param {HTMLElement} region has aria-live */
  constructor(region) {
    this.#region = region;
  }

  /** A new answer begins. */
  begin() {
    this.#said = 0;
    this.#region.replaceChildren();
  }

  /** @param {string} text the answer so far */
  update(text) {
    // What seemed an answer may turn out to be the model's thoughts.
    if (text.length < this.#said) this.#said = 0;
    let end = this.#said;
    for (const match of text.slice(this.#said).matchAll(SENTENCE_END)) {
      end = this.#said + match.index + match[0].length;
    }
    this.#say(text.slice(this.#said, end));
    this.#said = end;
  }

  /** Says what is left. */
  finish(text) {
    this.#say(text.slice(this.#said));
    this.#said = text.length;
  }

  #say(text) {
    const plain = text.replace(MARKUP, ' ').replace(/\s+/g, ' ').trim();
    if (plain === '') {
      return;
    }
    const sentence = document.createElement('p');
    sentence.textContent = plain;
    this.#region.append(sentence);
    while (this.#region.childElementCount > MOST_SENTENCES) {
      this.#region.firstElementChild.remove();
    }
  }
}
