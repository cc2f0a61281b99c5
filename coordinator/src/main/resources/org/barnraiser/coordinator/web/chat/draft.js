import { AttachmentError, readAttachment } from './attachments.js';

const MOST_FILES = 10;

/** A question that is being written, with its files. Tells of changes by the event 'change'. */
export class Draft extends EventTarget {
  #count;
  text = '';
  /** {name, bytes, text, tokens}; text and tokens are null until they are known. */
  files = [];
  /** What went wrong with the last file, or null. */
  problem = null;

  /** @param {TokenCount} count */
  constructor(count) {
    super();
    this.#count = count;
  }

  /** Whether there is something to send. */
  get ready() {
    return (this.text.trim() !== '' || this.files.length > 0) && this.files.every(({ text }) => text !== null);
  }

  /** The files whose text is there, as messages keep them. */
  get attachments() {
    return this.files.filter(({ text }) => text !== null).map(({ name, text, bytes }) => ({ name, text, bytes }));
  }

  setText(text) {
    this.text = text;
    this.#tell();
  }

  clear() {
    this.text = '';
    this.files.forEach(({ abort }) => abort.abort());
    this.files = [];
    this.problem = null;
    this.#tell();
  }

  remove(file) {
    file.abort.abort();
    this.files = this.files.filter(each => each !== file);
    this.#tell();
  }

  /** Reads files; those that cannot be read leave a problem behind. */
  async add(files) {
    this.problem = null;
    await Promise.all([...files].slice(0, MOST_FILES - this.files.length).map(file => this.#add(file)));
  }

  async #add(file) {
    const entry = { name: file.name, bytes: file.size, text: null, tokens: null, abort: new AbortController() };
    this.files = [...this.files, entry];
    this.#tell();
    try {
      entry.text = (await readAttachment(file, entry.abort.signal)).text;
      this.#tell();
      entry.tokens = await this.#count.of(entry.text, entry.abort.signal);
    } catch (error) {
      if (entry.abort.signal.aborted) return;
      this.remove(entry);
      this.problem = error instanceof AttachmentError ? error.message : String(error.message);
    }
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}
