import { IndexedStore } from './indexed-store.js';
import { MemoryStore } from './memory-store.js';

/**
 * Opens the place where conversations are kept. Every store has the same methods, and all of them return promises:
 *
 * - list(): what the list on the left needs of every conversation, newest first
 * - messages(id): the messages of one conversation
 * - save(conversation), saveMessage(message): add or replace
 * - remove(id), clear(): forget one, or everything
 * - find(words): ids of the conversations in whose messages all words occur
 * - preference(name), setPreference(name, value)
 *
 * @param {boolean} guest whether nothing may be written
 * @returns {Promise<{store: object, refused: boolean}>} refused: the browser keeps nothing here, so memory is used instead
 */
export async function openStore(guest) {
  if (guest) {
    return { store: new MemoryStore(), refused: false };
  }
  try {
    return { store: await IndexedStore.open(), refused: false };
  } catch {
    return { store: new MemoryStore(), refused: true };
  }
}
