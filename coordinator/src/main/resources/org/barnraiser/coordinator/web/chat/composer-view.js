import { html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { t } from '../shell/i18n.js';
import { number } from '../shell/format.js';
import { ACCEPTED, bytesOf, MOST_BYTES } from './attachments.js';
import { ICONS } from './icons.js';

/** Where touch is all there is, the return key makes a new line, as everywhere on a phone. */
const TOUCH_ONLY = matchMedia('(pointer: coarse) and (hover: none)');

/**
 * Where a question is written.
 *
 * @param {object} state {draft: Draft, running: boolean, use: ?object}
 * @param {object} actions
 */
export function composerView({ draft, running, use }, actions) {
  const begun = draft.ready || use?.leftOut > 0 || use?.messages > 0;
  const overfull = use !== null && use.used > use.context;
  const send = event => {
    event.preventDefault();
    if (running) return;
    actions.send();
  };
  const onKey = event => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && !TOUCH_ONLY.matches) {
      send(event);
    } else if (event.key === 'ArrowUp' && event.target.value === '') {
      actions.editLast(event);
    }
  };
  return html`
    <form class="composer" @submit=${send}>
      ${draft.files.length > 0 ? html`<ul class="chips">${draft.files.map(file => chip(file, actions))}</ul>` : nothing}
      ${draft.problem ? html`<p class="note bad" role="alert">${draft.problem}</p>` : nothing}
      <div class="field">
        <label class="unseen" for="question">${t('chat.composer.label')}</label>
        <textarea id="question" name="question" rows="1" autocomplete="off" placeholder=${t('chat.composer.label')}
          aria-describedby="composer-note" .value=${live(draft.text)}
          @input=${event => actions.type(event.target.value)} @keydown=${onKey} @paste=${actions.paste}></textarea>
        <input id="file" class="unseen" type="file" multiple accept=${ACCEPTED} tabindex="-1" aria-label=${t('chat.composer.attach')}
          @change=${actions.pick}>
        <button type="button" class="plain round" aria-label=${t('chat.composer.attach')} title=${t('chat.composer.attachTitle', { most: bytesOf(MOST_BYTES) })}
          @click=${actions.choose}>${ICONS.attach}</button>
        ${running
          ? html`<button type="button" class="main round" aria-label=${t('chat.composer.stop')} title=${t('chat.composer.stopTitle')} @click=${actions.stop}>${ICONS.stop}</button>`
          : html`<button type="submit" class="main round" aria-label=${t('chat.composer.send')} title=${t('chat.composer.sendTitle')} ?disabled=${!draft.ready}>${ICONS.send}</button>`}
      </div>
      <p id="composer-note" class="small quiet under">
        <span>${t('chat.composer.note')}</span>
        ${use && begun ? html`<span class=${overfull ? 'use over' : 'use'} title=${t('chat.composer.useTitle')}>${overfull
          ? t('chat.composer.overfull', { used: number(use.used), of: number(use.context) })
          : t('chat.composer.use', { used: number(use.used), of: number(use.context) })}${use.leftOut > 0 ? ` · ${t('chat.composer.leftOut', { n: use.leftOut })}` : ''}</span>` : nothing}
      </p>
    </form>`;
}

function chip(file, actions) {
  const state = file.text === null ? t('chat.composer.reading')
    : file.tokens === null ? bytesOf(file.bytes) : t('chat.composer.tokens', { n: number(file.tokens) });
  return html`<li class="chip">${ICONS.attach}<span>${file.name}</span><span class="quiet small">${state}</span>
    <button type="button" class="plain" aria-label=${t('chat.composer.remove', { name: file.name })} @click=${() => actions.drop(file)}>${ICONS.close}</button></li>`;
}
