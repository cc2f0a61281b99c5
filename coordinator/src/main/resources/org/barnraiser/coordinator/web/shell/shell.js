/** What every page has: navigation, the choice of language and theme, and a voice for screen readers. */
import { chooseLanguage, language, onLanguage, t } from './i18n.js';
import { preference, setPreference } from './preferences.js';

const root = document.documentElement;

/** Writes the frame's texts; the server has written them in the language it chose. */
function writeTexts() {
  for (const element of document.querySelectorAll('[data-text]')) {
    if (element.tagName !== 'NOSCRIPT') element.textContent = t(element.dataset.text);
  }
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', t(element.dataset.label));
    if (element.tagName === 'SELECT') element.title = t(element.dataset.label);
  }
  const name = document.querySelector('.brand span')?.textContent ?? '';
  document.title = `${t(`nav.${document.body.dataset.page}`)} · ${name}`;
}

/** @param {string} theme auto, light or dark */
function showTheme(theme) {
  if (theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.dispatchEvent(new Event('themechange'));
}

/**
 * Says a sentence to readers who use a screen reader.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  const announcer = document.getElementById('announcer');
  if (announcer) announcer.textContent = sentence;
}

const languages = /** @type {HTMLSelectElement} */ (document.getElementById('language'));
languages.value = language();
languages.addEventListener('change', () => chooseLanguage(languages.value));

const themes = /** @type {HTMLSelectElement} */ (document.getElementById('theme'));
themes.value = root.dataset.theme ?? preference('theme') ?? 'auto';
themes.addEventListener('change', () => {
  setPreference('theme', themes.value);
  showTheme(themes.value);
});

// Whoever has a key may look after it there.
const members = /** @type {HTMLElement} */ (document.querySelector('nav [data-for="members"]'));
members.hidden = !window.barnraiserKey.has() && document.body.dataset.page !== 'members';

const here = /** @type {HTMLElement | null} */ (document.querySelector(`nav [data-for="${document.body.dataset.page}"]`));
here?.setAttribute('aria-current', 'page');
// On a phone the navigation is wider than the screen. (scrollIntoView would also move where Tab begins.)
if (here?.parentElement) {
  const nav = here.parentElement;
  nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
}
document.querySelector('.skip')?.addEventListener('click', () => document.getElementById('main')?.focus());

onLanguage(writeTexts);
writeTexts();
