import { html, nothing } from 'lit-html';
import { t } from '../shell/i18n.js';

/** Where conversations are kept, and how to take them along or get rid of them. */
export function dataView(state, actions) {
  return html`
    <p>${state.kept}</p>
    <div class="row">
      <button type="button" @click=${() => actions.exportAll('json')}>${t('chat.data.exportJson')}</button>
      <button type="button" @click=${() => actions.exportAll('md')}>${t('chat.data.exportMarkdown')}</button>
    </div>
    <p class="small quiet">${t('chat.data.exportNote')}</p>
    <div class="row">
      <input id="import" class="unseen" type="file" accept=".json,.md" tabindex="-1" aria-label=${t('chat.data.import')} @change=${actions.importFile}>
      <button type="button" @click=${event => event.target.parentElement.querySelector('#import').click()}>${t('chat.data.import')}</button>
    </div>
    ${state.imported ? html`<p class=${state.imported.failed ? 'note bad' : 'note good'} role="status">${state.imported.sentence}</p>` : nothing}
    <hr>
    <div class="row"><button type="button" class="danger" @click=${actions.askRemoveAll}>${t('chat.data.removeAll')}</button></div>`;
}

/** A question before something is gone for good. */
export function confirmView({ sentence, action, run }, close) {
  return html`
    <p>${sentence}</p>
    <div class="row">
      <button type="button" class="danger" @click=${() => { close(); run(); }}>${action}</button>
      <button type="button" autofocus @click=${close}>${t('chat.cancel')}</button>
    </div>`;
}

const SHORTCUTS = [
  ['Enter', 'send'], ['Shift + Enter', 'newLine'], ['Esc', 'stop'], ['↑', 'editLast'],
  ['Ctrl + Shift + O', 'startNew'], ['Ctrl + K', 'search'], ['Shift + Esc', 'focus'], ['Ctrl + /', 'list'],
];

/** What the keyboard can do. */
export function shortcutsView() {
  return html`<dl class="shortcuts">${SHORTCUTS.map(([keys, name]) => html`
    <div><dt><kbd>${keys}</kbd></dt><dd>${t(`chat.keys.${name}`)}</dd></div>`)}</dl>
    <p class="small quiet">${t('chat.keys.mac')}</p>`;
}
