import { html, render } from 'lit-html';
import { onLanguage, t } from '../shell/i18n.js';

const main = /** @type {HTMLElement} */ (document.getElementById('main'));

function show() {
  render(html`<div class="reading"><h1>${t('chat.title')}</h1></div>`, main);
}

onLanguage(show);
show();
