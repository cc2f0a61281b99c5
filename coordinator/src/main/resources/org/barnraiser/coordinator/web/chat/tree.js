/**
 * The messages of one conversation. Asking again or editing a question makes a sibling of what was there, so nothing is
 * lost; a path from the first message to a leaf is what the reader sees.
 *
 * A message has at least {id, parent, createdAt}; parent is null for a first message.
 */
export class Tree {
  #messages = new Map();
  #children = new Map([[null, []]]);

  constructor(messages = []) {
    for (const message of [...messages].sort((one, other) => one.createdAt - other.createdAt)) {
      this.add(message);
    }
  }

  /** Adds a message, or puts a newer state of it in its place. */
  add(message) {
    if (!this.#messages.has(message.id)) {
      if (!this.#children.has(message.parent)) {
        this.#children.set(message.parent, []);
      }
      this.#children.get(message.parent).push(message.id);
    }
    this.#messages.set(message.id, message);
    return message;
  }

  get(id) {
    return this.#messages.get(id);
  }

  get size() {
    return this.#messages.size;
  }

  /** All messages, in no particular order. */
  all() {
    return [...this.#messages.values()];
  }

  /** From the first message to this one; empty for null or an unknown id. */
  path(leaf) {
    const path = [];
    const seen = new Set();
    for (let id = leaf; this.#messages.has(id) && !seen.has(id); id = this.#messages.get(id).parent) {
      seen.add(id);
      path.push(this.#messages.get(id));
    }
    return path.reverse();
  }

  /** The ids that share this message's parent, oldest first, itself included. */
  siblings(id) {
    return this.#children.get(this.#messages.get(id)?.parent ?? null) ?? [];
  }

  /** The leaf that is reached from a message by always taking the newest child. */
  newestLeaf(id) {
    const seen = new Set();
    let leaf = id;
    while (!seen.has(leaf) && this.#children.get(leaf)?.length) {
      seen.add(leaf);
      leaf = this.#children.get(leaf).at(-1);
    }
    return leaf;
  }
}
