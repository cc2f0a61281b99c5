import { holdsAll } from './memory-store.js';

const DATABASE = 'barnraiser';
const VERSION = 1;
const OPEN_PATIENCE_MILLIS = 5_000;

/** Keeps conversations in this browser's IndexedDB. The list and the messages are apart, so that the list opens at once. */
export class IndexedStore {
  #database;

  constructor(database) {
    this.#database = database;
    // Another tab wants to upgrade or delete the database: do not stand in its way.
    database.onversionchange = () => database.close();
  }

  /** @throws when the browser refuses */
  static async open() {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore('conversations', { keyPath: 'id' });
      database.createObjectStore('messages', { keyPath: 'id' }).createIndex('conversation', 'conversation');
      database.createObjectStore('preferences');
    };
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error('The browser did not open its database.')), OPEN_PATIENCE_MILLIS);
    });
    return new IndexedStore(await Promise.race([result(request), late]));
  }

  get lasting() {
    return true;
  }

  async list() {
    const all = await result(this.#read('conversations').getAll());
    return all.sort((one, other) => other.updatedAt - one.updatedAt);
  }

  messages(id) {
    return result(this.#read('messages').index('conversation').getAll(id));
  }

  save(conversation) {
    return this.#write(['conversations'], (transaction) => transaction.objectStore('conversations').put(conversation));
  }

  saveMessage(message) {
    return this.#write(['messages'], (transaction) => transaction.objectStore('messages').put(message));
  }

  /** All or nothing. */
  saveAll(conversations, messages) {
    return this.#write(['conversations', 'messages'], (transaction) => {
      conversations.forEach((each) => transaction.objectStore('conversations').put(each));
      messages.forEach((each) => transaction.objectStore('messages').put(each));
    });
  }

  remove(id) {
    return this.#write(['conversations', 'messages'], (transaction) => {
      transaction.objectStore('conversations').delete(id);
      const keys = transaction.objectStore('messages').index('conversation').openKeyCursor(IDBKeyRange.only(id));
      keys.onsuccess = () => {
        if (keys.result) {
          transaction.objectStore('messages').delete(keys.result.primaryKey);
          keys.result.continue();
        }
      };
    });
  }

  clear() {
    const all = ['conversations', 'messages', 'preferences'];
    return this.#write(all, (transaction) => all.forEach((name) => transaction.objectStore(name).clear()));
  }

  find(words) {
    const found = new Set();
    const cursor = this.#read('messages').openCursor();
    return new Promise((resolve, reject) => {
      cursor.onerror = () => reject(cursor.error);
      cursor.onsuccess = () => {
        if (!cursor.result) {
          resolve(found);
          return;
        }
        const message = cursor.result.value;
        if (holdsAll(message.text, words)) {
          found.add(message.conversation);
        }
        cursor.result.continue();
      };
    });
  }

  preference(name) {
    return result(this.#read('preferences').get(name));
  }

  setPreference(name, value) {
    return this.#write(['preferences'], (transaction) => transaction.objectStore('preferences').put(value, name));
  }

  close() {
    this.#database.close();
  }

  #read(name) {
    return this.#database.transaction(name, 'readonly').objectStore(name);
  }

  #write(names, change) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(names, 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
      change(transaction);
    });
  }
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('The database is open in another tab.'));
  });
}
