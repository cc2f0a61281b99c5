/** Loads a library that is a classic script, once, when it is first needed. */

/** @type {Map<string, Promise<void>>} */
const loading = new Map();

/**
 * @param {string} name as the import map has it, such as `chart.js`
 * @returns {Promise<void>} done when the script has run and its global is there
 */
export function script(name) {
  const url = import.meta.resolve(name);
  let done = loading.get(url);
  if (!done) {
    done = new Promise((resolve, reject) => {
      const element = document.createElement('script');
      element.src = url;
      element.onload = () => resolve();
      element.onerror = () => reject(new Error(`${url} cannot be loaded`));
      document.head.append(element);
    });
    loading.set(url, done);
  }
  return done;
}
