import { html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { t } from '../shell/i18n.js';
import { number } from '../shell/format.js';
import { ICONS } from './icons.js';
import { placesView } from './place-view.js';
import { bytesOf } from './attachments.js';
import './markdown-element.js';

/** Errors whose sentence the catalogue has; the server's own sentence follows in any case. */
const REASONS = ['refused', 'broken', 'cut', 'silent', 'unreachable'];

/**
 * A question or an answer.
 *
 * @param {object} message
 * @param {object} state {opened: OpenConversation, editing: ?string, last: boolean, places: Set<string>}
 * @param {object} actions
 */
export function messageView(message, state, actions) {
  return message.role === 'user' ? question(message, state, actions) : answer(message, state, actions);
}

function question(message, state, actions) {
  if (state.editing === message.id) {
    return html`<article class="message user" id=${`m-${message.id}`}>${editor(message, actions)}</article>`;
  }
  return html`
    <article class="message user" id=${`m-${message.id}`}>
      <h2 class="unseen">${t('chat.message.you')}</h2>
      <div class="bubble">
        ${message.attachments?.length ? html`<ul class="files">${message.attachments.map(file => html`
          <li><details><summary>${ICONS.attach}${file.name} <span class="quiet">${bytesOf(file.bytes)}</span></summary>
          <pre tabindex="0">${file.text}</pre></details></li>`)}</ul>` : nothing}
        <div class="said">${message.text}</div>
      </div>
      <div class="tools">
        ${branches(message, state, actions)}
        <button type="button" class="plain" ?disabled=${Boolean(state.opened.run)} @click=${() => actions.edit(message.id)}>${t('chat.message.edit')}</button>
        ${copyButton(message, state, actions)}
      </div>
    </article>`;
}

function editor(message, actions) {
  const send = event => {
    event.preventDefault();
    actions.askAnew(message.id, event.target.closest('form').elements.text.value);
  };
  const onKey = event => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      actions.edit(null);
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      send(event);
    }
  };
  return html`
    <form class="editor" @submit=${send}>
      <label class="unseen" for="editor">${t('chat.message.editLabel')}</label>
      <textarea id="editor" name="text" rows="3" .value=${live(message.text)} @keydown=${onKey}></textarea>
      <div class="row">
        <button type="submit" class="main">${t('chat.message.resend')}</button>
        <button type="button" @click=${() => actions.edit(null)}>${t('chat.cancel')}</button>
        <span class="small quiet">${t('chat.message.editNote')}</span>
      </div>
    </form>`;
}

function answer(message, state, actions) {
  const running = state.opened.run?.message === message;
  return html`
    <article class="message assistant" id=${`m-${message.id}`} aria-busy=${running}>
      <h2 class="unseen">${t('chat.message.answer')}</h2>
      ${message.leftOut ? html`<p class="small quiet">${t('chat.message.leftOut', { n: message.leftOut })}</p>` : nothing}
      <chat-markdown .content=${{ text: message.text, running }}></chat-markdown>
      ${running ? progress(message, state.opened.run) : html`
        ${ending(message, state, actions)}
        <div class="tools">
          ${branches(message, state, actions)}
          ${copyButton(message, state, actions)}
          <button type="button" class="plain" ?disabled=${Boolean(state.opened.run)} @click=${() => actions.regenerate(message.id)}>${t('chat.message.regenerate')}</button>
          ${facts(message, state, actions)}
        </div>
        ${state.places.has(message.id) ? placesView(message) : nothing}`}
    </article>`;
}

function progress(message, run) {
  if (run.pause !== null) {
    return html`<p class="status" role="status" title=${run.pause}><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${t('chat.message.paused')}</p>`;
  }
  return message.text === ''
    ? html`<p class="status"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${t('chat.message.thinking')}</p>`
    : nothing;
}

/** Why the answer ended, where that is worth saying, and how to go on. */
function ending(message, state, actions) {
  const { finish, error, text } = message;
  const goOn = text !== '' && state.last && ['length', 'stopped', 'error'].includes(finish)
    ? html`<button type="button" ?disabled=${Boolean(state.opened.run)} @click=${() => actions.goOn(message.id)}>${t('chat.message.continue')}</button>`
    : nothing;
  if (finish === 'error') {
    const reason = REASONS.includes(error?.reason) ? error.reason : 'broken';
    return html`<div class="note bad" role="alert">
      <p>${t(`chat.error.${reason}`)}${error?.message && reason !== 'cut' && reason !== 'unreachable' && reason !== 'silent' ? html` <span>${error.message}</span>` : nothing}</p>
      <div class="row">${goOn}${text === '' && state.last ? html`<button type="button" @click=${() => actions.retry(message.id)}>${t('chat.message.retry')}</button>` : nothing}</div>
    </div>`;
  }
  if (finish === 'length' || finish === 'stopped') {
    return html`<div class="ending row"><span class="small quiet">${t(`chat.message.${finish}`)}</span>${goOn}</div>`;
  }
  return nothing;
}

/** Which model answered, how fast, and where. */
function facts(message, state, actions) {
  if (!message.model) {
    return nothing;
  }
  const speed = message.seconds > 0 && message.tokens > 1 ? message.tokens / message.seconds : 0;
  return html`
    <span class="facts small quiet">
      <span>${message.model}</span>
      ${speed ? html`<span title=${t('chat.message.speedTitle', { tokens: message.tokens, seconds: number(message.seconds, 1) })}>${t('chat.message.speed', { n: number(speed, speed < 10 ? 1 : 0) })}</span>` : nothing}
      ${message.fingerprint ? html`<code class="fingerprint" tabindex="0" title=${`${t('chat.message.fingerprint')} ${message.fingerprint}`}>${message.fingerprint.replace('sha256:', '').slice(0, 8)}</code>` : nothing}
    </span>
    ${message.places?.length ? html`<button type="button" class="plain" aria-expanded=${state.places.has(message.id)} @click=${() => actions.togglePlaces(message.id)}>${t(state.places.has(message.id) ? 'chat.place.hide' : 'chat.place.show')}</button>` : nothing}`;
}

function branches(message, state, actions) {
  const siblings = state.opened.tree.siblings(message.id);
  if (siblings.length < 2) {
    return nothing;
  }
  const at = siblings.indexOf(message.id);
  const busy = Boolean(state.opened.run);
  return html`<span class="branches" role="group" aria-label=${t('chat.branch.title')}>
    <button type="button" class="plain" aria-label=${t('chat.branch.earlier')} ?disabled=${busy || at === 0} @click=${() => actions.showBranch(siblings[at - 1])}>${ICONS.earlier}</button>
    <span aria-label=${t('chat.branch.which', { n: at + 1, of: siblings.length })} role="img">${at + 1}/${siblings.length}</span>
    <button type="button" class="plain" aria-label=${t('chat.branch.later')} ?disabled=${busy || at === siblings.length - 1} @click=${() => actions.showBranch(siblings[at + 1])}>${ICONS.later}</button>
  </span>`;
}

function copyButton(message, { copied }, actions) {
  return html`<button type="button" class="plain" @click=${() => actions.copy(message)}>${copied?.id === message.id ? copied.sentence : t('chat.message.copy')}</button>`;
}
