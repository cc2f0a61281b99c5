import { html, nothing } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { language, t } from '../shell/i18n.js';
import { ICONS } from './icons.js';

const DAY_MILLIS = 24 * 60 * 60 * 1000;

/**
 * The conversations on the left.
 *
 * @param {object[]} conversations in the order in which they are shown
 * @param {object} state {current: string, query: string, running: (id: string) => boolean, kept: string}
 * @param {object} actions
 */
export function listView(conversations, state, actions) {
  return html`
    <div class="list-head">
      <button type="button" class="new" @click=${actions.startNew}>${ICONS.add}${t('chat.list.new')}</button>
      <button type="button" class="plain close-drawer" aria-label=${t('chat.list.close')} @click=${actions.closeDrawer}>${ICONS.close}</button>
      <label class="unseen" for="search">${t('chat.list.search')}</label>
      <input id="search" type="search" autocomplete="off" placeholder=${t('chat.list.search')} .value=${state.query}
        @input=${event => actions.search(event.target.value)}>
    </div>
    <nav class="list-body" aria-label=${t('chat.list.title')}>
      ${groups(conversations).map(({ name, members }) => html`
        <h2>${name}</h2>
        <ul>${repeat(members, ({ id }) => id, each => item(each, state, actions))}</ul>`)}
      ${conversations.length === 0 ? html`<p class="quiet small">${t(state.query ? 'chat.list.nothingFound' : 'chat.list.empty')}</p>` : nothing}
    </nav>
    <div class="list-foot small quiet">
      <p>${state.kept}</p>
      <button type="button" class="link" @click=${actions.showData}>${t('chat.data.open')}</button>
    </div>`;
}

function item({ id, title, pinned }, state, actions) {
  return html`<li><button type="button" class="entry" aria-current=${id === state.current ? 'true' : nothing}
    @click=${() => actions.show(id)}><span class="entry-title">${title || t('chat.untitled')}</span>
    ${pinned ? html`<span class="entry-mark">${ICONS.pin}<span class="unseen">${t('chat.list.pinned')}</span></span>` : nothing}
    ${state.running(id) ? html`<span class="entry-mark busy"><span class="unseen">${t('chat.list.running')}</span></span>` : nothing}
  </button></li>`;
}

function groups(conversations) {
  const found = new Map();
  for (const each of conversations) {
    const name = each.pinned ? t('chat.list.pinnedGroup') : age(each.updatedAt);
    found.set(name, [...(found.get(name) ?? []), each]);
  }
  return [...found].map(([name, members]) => ({ name, members }));
}

function age(time) {
  const today = new Date().setHours(0, 0, 0, 0);
  if (time >= today) return t('chat.list.today');
  if (time >= today - DAY_MILLIS) return t('chat.list.yesterday');
  if (time >= today - 7 * DAY_MILLIS) return t('chat.list.thisWeek');
  return new Intl.DateTimeFormat(language(), { month: 'long', year: 'numeric' }).format(time);
}
