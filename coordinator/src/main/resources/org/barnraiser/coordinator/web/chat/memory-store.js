/** Keeps conversations as long as the page is open. What is given and returned is copied, as a database does. */
export class MemoryStore {
  #conversations = new Map();
  #messages = new Map();
  #preferences = new Map();

  /** Nothing is written anywhere. */
  get lasting() {
    return false;
  }

  async list() {
    return [...this.#conversations.values()].map((each) => structuredClone(each))
      .sort((one, other) => other.updatedAt - one.updatedAt);
  }

  async messages(id) {
    return [...this.#messages.values()].filter((message) => message.conversation === id)
      .map((each) => structuredClone(each));
  }

  async save(conversation) {
    this.#conversations.set(conversation.id, structuredClone(conversation));
  }

  async saveMessage(message) {
    this.#messages.set(message.id, structuredClone(message));
  }

  async saveAll(conversations, messages) {
    conversations.forEach((each) => this.#conversations.set(each.id, structuredClone(each)));
    messages.forEach((each) => this.#messages.set(each.id, structuredClone(each)));
  }

  async remove(id) {
    this.#conversations.delete(id);
    for (const message of this.#messages.values()) {
      if (message.conversation === id) {
        this.#messages.delete(message.id);
      }
    }
  }

  async clear() {
    this.#conversations.clear();
    this.#messages.clear();
    this.#preferences.clear();
  }

  async find(words) {
    const found = [...this.#messages.values()].filter((message) => holdsAll(message.text, words));
    return new Set(found.map((message) => message.conversation));
  }

  async preference(name) {
    return structuredClone(this.#preferences.get(name));
  }

  async setPreference(name, value) {
    this.#preferences.set(name, structuredClone(value));
  }

  close() {}
}

/** Whether every word occurs in the text, in whatever case. */
export function holdsAll(text, words) {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}
