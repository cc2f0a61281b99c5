/** The page of questions: docs/questions.md, with a list of its contents. */
import DOMPurify from 'dompurify';
import { html, render } from 'lit-html';
import { unsafeHTML } from 'lit-html/directives/unsafe-html.js';
import { marked } from 'marked';
import { language, onLanguage, t } from '../shell/i18n.js';

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const { content, headings } = read(await (await fetch('/assets/questions/questions.md')).text());

/**
 * @param {string} markdown
 * @returns {{content: string, headings: {id: string, text: string}[]}} the questions without the title, which the page has itself
 */
function read(markdown) {
  const parsed = new DOMParser().parseFromString(DOMPurify.sanitize(marked.parse(markdown, { async: false })), 'text/html');
  parsed.querySelector('h1')?.remove();
  const headings = [...parsed.querySelectorAll('h2')].map(heading => {
    const text = heading.textContent ?? '';
    heading.id = text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
    heading.tabIndex = -1;
    return { id: heading.id, text };
  });
  for (const table of parsed.querySelectorAll('table')) {
    const around = parsed.createElement('div');
    around.className = 'scrolling';
    around.tabIndex = 0;
    around.setAttribute('role', 'region');
    around.setAttribute('aria-label', table.querySelector('th')?.textContent ?? '');
    table.replaceWith(around);
    around.append(table);
  }
  return { content: parsed.body.innerHTML, headings };
}

function show() {
  render(html`<div class="wide questions">
    <h1>${t('questions.title')}</h1>
    <div class="columns">
      <nav aria-label=${t('questions.contents')}><ol>
        ${headings.map(({ id, text }) => html`<li><a href="#${id}" lang="en">${text}</a></li>`)}
      </ol></nav>
      <article lang="en">
        ${language() === 'en' ? '' : html`<p class="note" lang=${language()}>${t('questions.englishOnly')}</p>`}
        ${unsafeHTML(content)}</article>
    </div>
  </div>`, main);
}

onLanguage(show);
show();
// The heading that the address names exists only now.
document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
