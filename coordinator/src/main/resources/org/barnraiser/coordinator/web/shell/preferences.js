/**
 * Small choices of the reader (language, theme, …). They are kept in this browser, or in memory only in guest mode.
 */

const PREFIX = 'barnraiser.';

/** @type {Map<string, string>} */
const memory = new Map();

/** Minutes after which the host's kiosk forgets everything; undefined when this is no kiosk. */
export const kioskMinutes = document.documentElement.dataset.kiosk
  ? Number(document.documentElement.dataset.kiosk)
  : undefined;

let guest = kioskMinutes !== undefined;

/** From now on nothing is written. What is in the browser's storage stays as it is. */
export function useMemoryOnly() {
  guest = true;
}

/** Whether nothing is written. */
export function isGuest() {
  return guest;
}

/**
 * @param {string} name
 * @returns {string | undefined}
 */
export function preference(name) {
  if (memory.has(name)) return memory.get(name);
  if (guest) return undefined;
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
export function setPreference(name, value) {
  memory.set(name, value);
  if (guest) return;
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // A browser that keeps nothing still has it until the page is left.
  }
}
