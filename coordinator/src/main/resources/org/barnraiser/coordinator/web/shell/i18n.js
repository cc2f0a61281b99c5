/**
 * Texts in the reader's language. The server chooses by Accept-Language; the reader's own choice wins. Importing this module waits
 * for the catalogue, so `t` always has it.
 */
import { preference, setPreference } from './preferences.js';

/** @typedef {{[key: string]: string | Catalogue}} Catalogue */

const offered = [...document.querySelectorAll('#language option')].map(option => option.value);

/** @type {string} */
let current = document.documentElement.lang;
/** @type {Catalogue} */
let catalogue;
/** @type {Set<() => void>} */
const listeners = new Set();

const chosen = preference('language');
await load(chosen && offered.includes(chosen) ? chosen : current);

/** The language of the texts, such as `en`. */
export function language() {
  return current;
}

/** How numbers and times are written: the browser's own way where it is of the same language. */
export function locale() {
  return navigator.languages.find(tag => tag.split('-')[0] === current) ?? current;
}

/**
 * A text, with `{name}` places filled in.
 *
 * @param {string} key names joined by dots, such as `nav.chat`
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const text = key.split('.').reduce((node, name) => node?.[name], /** @type {any} */ (catalogue));
  if (typeof text !== 'string') throw new Error(`the catalogue ${current} has no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

/**
 * A text that a host wrote, by language.
 *
 * @param {Record<string, string>} texts
 * @returns {string} empty when there is none
 */
export function local(texts) {
  return texts[current] ?? texts.en ?? Object.values(texts)[0] ?? '';
}

/**
 * Calls back whenever the reader chooses another language; render again then.
 *
 * @param {() => void} listener
 */
export function onLanguage(listener) {
  listeners.add(listener);
}

/** @param {string} language one of those that the page offers */
export async function chooseLanguage(language) {
  setPreference('language', language);
  await load(language);
  listeners.forEach(listener => listener());
}

/** @param {string} language */
async function load(language) {
  const response = await fetch(`/assets/i18n/${language}.json`);
  if (!response.ok) throw new Error(`the catalogue ${language} is missing`);
  catalogue = await response.json();
  current = language;
  document.documentElement.lang = language;
}
