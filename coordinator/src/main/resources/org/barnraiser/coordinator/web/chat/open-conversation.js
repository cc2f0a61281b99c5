import { AnswerRun } from './answer-run.js';
import { withAttachments } from './attachments.js';
import { newId } from './ids.js';
import { fit, requestFor } from './request.js';
import { systemText } from './settings.js';
import { Tree } from './tree.js';

const TITLE_CHARS = 60;
/** Until the model's own count is known. */
const CHARS_PER_TOKEN = 3;

/**
 * A conversation with its messages, and what a reader can do with it. Tells of changes by the event 'change'; an answer that runs
 * tells of its text itself.
 */
export class OpenConversation extends EventTarget {
  #store;
  #host;
  #ended = Promise.resolve();
  /** The answer that is being made, or null. */
  run = null;

  /**
   * @param {object} conversation
   * @param {object[]} messages
   * @param {{store: object, count: TokenCount, model: (name: string) => ?object, memory: () => string[], memoryHeading: () => string}} host
   */
  constructor(conversation, messages, host) {
    super();
    this.conversation = conversation;
    this.tree = new Tree(messages);
    this.#store = host.store;
    this.#host = host;
  }

  /** The messages that the reader sees, from the first. */
  path() {
    return this.tree.path(this.conversation.leaf);
  }

  /** Asks a question after what is seen now. */
  ask(text, attachments) {
    return this.#ask(this.conversation.leaf, text, attachments);
  }

  /** Asks a question in other words; the old one stays as a branch. */
  askAnew(id, text) {
    const { parent, attachments } = this.tree.get(id);
    return this.#ask(parent, text, attachments ?? []);
  }

  /** Has a question answered once more; the old answer stays as a branch. */
  async regenerate(answerId) {
    await this.#answer(this.#add('assistant', this.tree.get(answerId).parent, ''));
  }

  /** Goes on with an answer that ended too soon. */
  async goOn(answerId) {
    await this.#answer(this.tree.get(answerId));
  }

  /** Ends the answer that runs; done when it has ended and is kept. */
  async stop() {
    this.run?.stop();
    await this.#ended;
  }

  /** Shows the branch that a sibling begins. */
  async show(id) {
    this.conversation.leaf = this.tree.newestLeaf(id);
    await this.#changed();
  }

  async rename(title) {
    this.conversation.title = title.trim() || this.conversation.title;
    await this.#changed();
  }

  async pin(pinned) {
    this.conversation.pinned = pinned;
    await this.#changed();
  }

  /** Changes some settings; the others stay as they are now, which may be newer than what is drawn. */
  async changeSettings({ sampling, ...others }) {
    const now = this.conversation.settings;
    this.conversation.settings = { ...now, ...others, sampling: { ...now.sampling, ...sampling } };
    // An untouched conversation is not worth keeping.
    await (this.tree.size > 0 ? this.#changed() : this.#tell());
  }

  /**
   * What would be sent with a draft.
   *
   * @returns {Promise<?{used: number, context: number, leftOut: number, messages: number}>} null when the model's context is not known
   */
  async contextUse(draft, attachments, signal) {
    const context = this.#model()?.context_length;
    if (!context) {
      return null;
    }
    const drafted = { role: 'user', text: draft, attachments };
    const path = this.path();
    const { from, used } = await this.#fit([...path, drafted], context, signal);
    return { used, context, leftOut: from, messages: path.length };
  }

  async #ask(parent, text, attachments) {
    const question = this.#add('user', parent, text);
    if (attachments.length > 0) {
      question.attachments = attachments;
    }
    this.conversation.title ||= titleOf(text, attachments);
    await this.#store.saveMessage(question);
    await this.#answer(this.#add('assistant', question.id, ''));
  }

  #add(role, parent, text) {
    const newest = Math.max(0, ...this.tree.all().map(({ createdAt }) => createdAt));
    const message = { id: newId(), conversation: this.conversation.id, parent, role, text,
      createdAt: Math.max(Date.now(), newest + 1) };
    this.conversation.leaf = message.id;
    return this.tree.add(message);
  }

  async #answer(message) {
    const run = new AnswerRun(message, this.#store);
    this.run = run;
    this.conversation.leaf = message.id;
    this.conversation.updatedAt = Date.now();
    message.finish = 'running';
    await this.#changed();
    this.#ended = run.run(() => this.#request(message)).then(() => {
      this.run = null;
      return this.#changed();
    });
    await this.#ended;
  }

  async #request(answer) {
    const { settings } = this.conversation;
    const path = this.tree.path(answer.id);
    const messages = answer.text === '' ? path.slice(0, -1) : path;
    const model = this.#model();
    const context = model?.context_length;
    const { from } = context ? await this.#fit(messages, context) : { from: 0 };
    answer.leftOut = from;
    const request = requestFor(messages.slice(from), this.#system(), settings);
    return model ? { model: model.id, ...request } : request;
  }

  async #fit(messages, context, signal) {
    const counted = await Promise.all(messages.map(async message => (
      { role: message.role, tokens: await this.#tokens(withAttachments(message), signal) })));
    const system = await this.#tokens(this.#system(), signal);
    return fit(counted, system, { context, answer: this.conversation.settings.sampling.max_tokens });
  }

  async #tokens(text, signal) {
    return await this.#host.count.of(text, signal, this.#model()?.id) ?? Math.ceil(text.length / CHARS_PER_TOKEN);
  }

  #model() {
    return this.#host.model(this.conversation.settings.model);
  }

  #system() {
    return systemText(this.conversation.settings, this.#host.memory(), this.#host.memoryHeading());
  }

  async #changed() {
    await this.#store.save(this.conversation);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}

function titleOf(text, attachments) {
  const line = text.trim().split('\n')[0] || attachments[0]?.name || '';
  return line.length > TITLE_CHARS ? `${line.slice(0, TITLE_CHARS).replace(/\s+\S*$/, '')} …` : line;
}
