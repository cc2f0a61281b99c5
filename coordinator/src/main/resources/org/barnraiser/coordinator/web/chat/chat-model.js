import { OpenConversation } from './open-conversation.js';
import { TokenCount } from './token-count.js';
import { fromJson, fromMarkdown, newConversation } from './transfer.js';
import { newId } from './ids.js';

const MEMORY = 'memory';

/** All conversations of this reader, one of which is open. Tells of changes by the event 'change'. */
export class ChatModel extends EventTarget {
  #store;
  #running = new Map();
  #host;
  /** What is known of every conversation, newest first. */
  conversations = [];
  /** The conversation that is shown. */
  open;
  /** Things that the model shall know of the reader, where a conversation wants it to. */
  memory = [];
  /** Counts tokens for everyone. */
  count = new TokenCount();
  /** The hosted models: {id, digest, context_length} of each; empty while they are unknown. */
  models = [];

  constructor(store, memoryHeading) {
    super();
    this.#store = store;
    this.#host = { store, count: this.count, model: name => this.#model(name), memory: () => this.memory,
      memoryHeading };
    this.startNew();
  }

  async load() {
    const [conversations, memory] = await Promise.all([this.#store.list(), this.#store.preference(MEMORY)]);
    this.conversations = conversations;
    this.memory = memory ?? [];
    this.#tell();
  }

  /** The model that is hosted first, or null while it is unknown. */
  get hosted() {
    return this.models[0] ?? null;
  }

  /** A conversation's model: the one that it names, even if it is gone, as no other may answer in its place; else the first. */
  #model(name) {
    return name ? this.models.find(({ id }) => id === name) ?? { id: name } : this.hosted;
  }

  /** Asks which models are hosted. */
  async learnModel() {
    try {
      const response = await fetch('/v1/models', { cache: 'no-store' });
      this.models = (await response.json()).data;
    } catch {
      this.models = [];
    }
    this.count.model = this.hosted?.id ?? null;
    this.#tell();
  }

  /** Whether an answer of this conversation is being made. */
  isRunning(id) {
    return this.#running.has(id);
  }

  /** Shows a conversation without messages; it is kept from its first message on. */
  startNew() {
    this.#show(new OpenConversation(newConversation(), [], this.#host));
  }

  /** Shows a conversation that is kept. */
  async show(id) {
    const running = this.#running.get(id);
    if (running) {
      this.#show(running);
      return;
    }
    const conversation = this.conversations.find(each => each.id === id);
    const messages = await this.#store.messages(id);
    for (const message of messages) {
      // The page was closed while it was being answered.
      if (message.finish === 'running') message.finish = 'stopped';
    }
    this.#show(new OpenConversation(structuredClone(conversation), messages, this.#host));
  }

  async remove(id) {
    await this.#running.get(id)?.stop();
    await this.#store.remove(id);
    if (this.open.conversation.id === id) this.startNew();
    await this.#refresh();
  }

  async removeAll() {
    await Promise.all([...this.#running.values()].map(each => each.stop()));
    await this.#store.clear();
    this.memory = [];
    this.startNew();
    await this.#refresh();
  }

  async setMemory(memory) {
    this.memory = memory;
    await this.#store.setPreference(MEMORY, memory);
    this.#tell();
  }

  /** The conversations in whose title or text all words occur, pinned ones first. */
  async find(query) {
    const words = query.toLowerCase().split(/\s+/).filter(word => word !== '');
    const inText = words.length > 0 ? await this.#store.find(words) : null;
    const found = this.conversations.filter(({ id, title }) => inText === null || inText.has(id)
      || words.every(word => title.toLowerCase().includes(word)));
    return [...found.filter(({ pinned }) => pinned), ...found.filter(({ pinned }) => !pinned)];
  }

  /** Conversations with all their messages; all of them, or only one. */
  async withMessages(id = null) {
    const chosen = this.conversations.filter(each => id === null || each.id === id);
    return Promise.all(chosen.map(async conversation => (
      { conversation, messages: await this.#store.messages(conversation.id) })));
  }

  /**
   * Adds the conversations of a file; one that is there already is not touched, and comes as a copy.
   *
   * @returns {Promise<number>} how many
   * @throws {ImportError}
   */
  async add(text) {
    const read = text.trimStart().startsWith('{') ? fromJson(text) : fromMarkdown(text);
    const known = new Set(this.conversations.map(({ id }) => id));
    const kept = new Set((await Promise.all([...known].map(id => this.#store.messages(id)))).flat().map(({ id }) => id));
    const added = read.map(each => (
      known.has(each.conversation.id) || each.messages.some(({ id }) => kept.has(id)) ? copyOf(each) : each));
    await this.#store.saveAll(added.map(({ conversation }) => conversation), added.flatMap(({ messages }) => messages));
    await this.#refresh();
    return added.length;
  }

  async #refresh() {
    this.conversations = await this.#store.list();
    this.#tell();
  }

  #show(opened) {
    this.open = opened;
    if (!this.#running.has(opened.conversation.id)) {
      opened.addEventListener('change', () => this.#onChange(opened));
    }
    this.#tell();
  }

  #onChange(opened) {
    const { id } = opened.conversation;
    if (opened.run) this.#running.set(id, opened);
    else this.#running.delete(id);
    if (opened.tree.size > 0) {
      const others = this.conversations.filter(each => each.id !== id);
      this.conversations = [...others, structuredClone(opened.conversation)]
        .sort((one, other) => other.updatedAt - one.updatedAt);
    }
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}

/** The same conversation with new ids. */
function copyOf({ conversation, messages }) {
  const ids = new Map(messages.map(({ id }) => [id, newId()]));
  const copy = { ...conversation, id: newId(), leaf: ids.get(conversation.leaf) ?? null };
  return {
    conversation: copy,
    messages: messages.map(message => ({ ...message, id: ids.get(message.id), parent: ids.get(message.parent) ?? null,
      conversation: copy.id })),
  };
}
