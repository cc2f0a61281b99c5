import { html, nothing } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { local, t } from '../shell/i18n.js';
import { ICONS } from './icons.js';
import { messageView } from './message-view.js';
import { presetsView } from './settings-view.js';

/** The line above a conversation: its title, and what can be done with it. */
export function headView(opened, state, actions) {
  const { title, pinned } = opened.conversation;
  const kept = opened.tree.size > 0;
  return html`
    <button type="button" class="plain round drawer-button" aria-label=${t('chat.list.open')} aria-expanded=${state.drawer} aria-controls="list" @click=${actions.openDrawer}>${ICONS.menu}</button>
    ${state.renaming
      ? html`<form class="rename" @submit=${event => { event.preventDefault(); actions.rename(event.target.elements.title.value); }}>
          <label class="unseen" for="title">${t('chat.head.newTitle')}</label>
          <input id="title" name="title" autocomplete="off" maxlength="200" .value=${title} @blur=${event => actions.rename(event.target.value)}
            @keydown=${event => { if (event.key === 'Escape') { event.stopPropagation(); actions.rename(null); } }}></form>`
      : html`<h1>${title || t('chat.list.new')}</h1>`}
    <button type="button" class="plain settings-button" @click=${actions.showSettings}>${ICONS.settings}<span>${t('chat.settings.open')}</span></button>
    <details class="menu">
      <summary class="round" aria-label=${t('chat.head.menu')} title=${t('chat.head.menu')}>${ICONS.more}</summary>
      <div class="menu-body" @click=${actions.closeMenu}>
        ${kept ? html`
          <button type="button" class="plain" @click=${actions.startRename}>${t('chat.head.rename')}</button>
          <button type="button" class="plain" @click=${() => opened.pin(!pinned)}>${t(pinned ? 'chat.head.unpin' : 'chat.head.pin')}</button>
          <button type="button" class="plain" @click=${() => actions.exportOne('md')}>${t('chat.head.exportMarkdown')}</button>
          <button type="button" class="plain" @click=${() => actions.exportOne('json')}>${t('chat.head.exportJson')}</button>` : nothing}
        <button type="button" class="plain" @click=${actions.showShortcuts}>${t('chat.keys.title')}</button>
        ${kept ? html`<button type="button" class="plain danger" @click=${actions.askRemove}>${t('chat.head.remove')}</button>` : nothing}
      </div>
    </details>`;
}

/** The messages, or a welcome where there are none. */
export function messagesView(opened, state, actions) {
  const path = opened.path();
  if (path.length === 0) {
    return welcome(opened, state);
  }
  return repeat(path, ({ id }) => id, (message, index) => messageView(message,
    { opened, editing: state.editing, last: index === path.length - 1, places: state.places,
      copied: state.copied }, actions));
}

function welcome(opened, { branding, presets, notReady }) {
  const { settings } = opened.conversation;
  return html`<div class="welcome">
    <p class="greeting">${local(branding.welcome) || t('chat.welcome.greeting')}</p>
    <p class="quiet">${t('chat.welcome.honest')}</p>
    ${notReady ? html`<p class="note" role="status">${t('chat.welcome.notReady')} ${notReady}</p>` : nothing}
    <h2 class="small quiet">${t('chat.preset.title')}</h2>
    ${presetsView(presets, settings, change => opened.changeSettings(change))}
    ${settings.instructions ? html`<p class="small quiet chosen">${settings.instructions}</p>` : nothing}
  </div>`;
}
