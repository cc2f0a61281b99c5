/**
 * A new id that nobody else makes. Not crypto.randomUUID: browsers keep that from pages served over plain HTTP, as in a
 * community's own network.
 *
 * @returns {string} 32 hex digits
 */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
