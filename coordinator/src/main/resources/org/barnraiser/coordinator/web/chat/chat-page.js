import { html, nothing, render } from 'lit-html';
import { onLanguage, t } from '../shell/i18n.js';
import { Announcer } from './announcer.js';
import { composerView } from './composer-view.js';
import { confirmView, dataView, shortcutsView } from './data-view.js';
import { DataActions } from './data-actions.js';
import { Draft } from './draft.js';
import { FollowScroll } from './follow-scroll.js';
import { addKeys } from './keys.js';
import { addDropping } from './dropping.js';
import { ICONS } from './icons.js';
import { listView } from './list-view.js';
import { Painter } from './painter.js';
import { ownPresets } from './presets.js';
import { settingsView } from './settings-view.js';
import { headView, messagesView } from './thread-view.js';
import { partThoughts } from './thoughts.js';
import { MessageActions } from './message-actions.js';

const COUNTED_AFTER_MILLIS = 400;
const SEARCHED_AFTER_MILLIS = 150;

/** The chat page: shows the model's state, and turns what the reader does into calls to it. */
export class ChatPage {
  #main;
  #painter = new Painter(() => this.#paintText());
  #watched = new Map();
  #counting = { timer: 0, abort: new AbortController() };
  #searching = 0;
  #shown = null;
  state = { drawer: false, dialog: null, confirm: null, renaming: false, editing: null, places: new Set(), query: '', found: [],
    use: null, imported: null, notReady: null, secondsLeft: null, dropping: false,
    copied: null };

  /**
   * @param {HTMLElement} main
   * @param {ChatModel} model
   * @param {object} place {guest, refused, minutes, branding}
   */
  constructor(main, model, place) {
    this.#main = main;
    this.model = model;
    this.place = place;
    this.draft = new Draft(model.count);
    this.messages = new MessageActions(this);
    this.data = new DataActions(this);
    model.addEventListener('change', () => this.#modelChanged());
    this.draft.addEventListener('change', () => this.#draftChanged());
    onLanguage(() => this.show());
    this.show();
    this.scroll = new FollowScroll(this.find('.scroll'), () => this.show());
    this.announcer = new Announcer(this.find('#voice'));
    addKeys(this);
    addDropping(this);
    this.#modelChanged();
    this.focusQuestion();
  }

  find(selector) {
    return this.#main.querySelector(selector);
  }

  /** Changes the page's own state, and shows it. */
  set(change) {
    Object.assign(this.state, change);
    this.show();
  }

  focusQuestion() {
    this.find('#question')?.focus();
  }

  /** @param {string} name settings, data, keys or confirm */
  openDialog(name, more = {}) {
    this.set({ ...more, dialog: name });
    const dialog = this.find('dialog');
    if (!dialog.open) dialog.showModal();
  }

  closeDialog() {
    this.find('dialog').close();
  }

  /** One sentence on where conversations are kept. */
  kept() {
    if (this.place.refused) return t('chat.kept.refused');
    return t(this.place.guest ? 'chat.kept.guest' : 'chat.kept.browser');
  }

  startNew = () => {
    this.model.startNew();
    this.set({ drawer: false });
    this.focusQuestion();
  };

  search(query) {
    this.set({ query });
    clearTimeout(this.#searching);
    this.#searching = setTimeout(() => this.#find(), SEARCHED_AFTER_MILLIS);
  }

  async send() {
    if (!this.draft.ready || this.model.open.run) return;
    const { text, attachments } = this.draft;
    this.draft.clear();
    this.scroll.following = true;
    await this.model.open.ask(text.trim(), attachments);
  }

  show() {
    render(this.#page(), this.#main);
  }

  #page() {
    const { model, state } = this;
    return html`
      <div class=${state.drawer ? 'chat with-drawer' : 'chat'}>
        <aside id="list" class="list" aria-label=${t('chat.list.title')}>${listView(state.found, {
          current: model.open.conversation.id, query: state.query, kept: this.kept(), running: id => model.isRunning(id) }, {
          startNew: this.startNew, closeDrawer: () => this.set({ drawer: false }), search: query => this.search(query),
          show: id => this.messages.showConversation(id), showData: () => this.openDialog('data', { imported: null }) })}</aside>
        <div class="veil" @click=${() => this.set({ drawer: false })}></div>
        <section class=${state.dropping ? 'thread dropping' : 'thread'} aria-label=${t('chat.title')}>
          ${this.#guestLine()}
          <header class="head">${headView(model.open, state, this.messages)}</header>
          <div class="scroll" tabindex="0" role="region" aria-label=${t('chat.messages')}><div class="messages">${messagesView(model.open, {
            ...state, branding: this.place.branding, presets: this.presets() }, this.messages)}</div></div>
          ${this.scroll && !this.scroll.following ? html`<button type="button" class="to-end round" aria-label=${t('chat.toEnd')}
            @click=${() => { this.scroll.toEnd(); this.show(); }}>${ICONS.down}</button>` : nothing}
          ${composerView({ draft: this.draft, running: Boolean(model.open.run), use: state.use }, this.messages)}
          <p class="drop-note" aria-hidden="true">${t('chat.composer.drop')}</p>
        </section>
      </div>
      <dialog aria-labelledby="dialog-title" @close=${() => this.#dialogClosed()} @click=${event => { if (event.target.tagName === 'DIALOG') this.closeDialog(); }}>
        ${state.dialog ? this.#dialog() : nothing}
      </dialog>
      <div id="voice" class="unseen" aria-live="polite" aria-relevant="additions"></div>`;
  }

  presets() {
    return this.place.branding.presets.length > 0 ? this.place.branding.presets : ownPresets();
  }

  #dialog() {
    const { open, memory } = this.model;
    const views = {
      settings: () => settingsView(open.conversation.settings, memory, this.presets(), this.model.models, {
        changeSettings: change => open.changeSettings(change), setMemory: list => this.model.setMemory(list) }),
      data: () => dataView({ kept: this.kept(), imported: this.state.imported }, this.data),
      keys: () => shortcutsView(),
      confirm: () => confirmView(this.state.confirm, () => this.closeDialog()),
    };
    return html`<div class="dialog-body">
      <header><h2 id="dialog-title">${t(`chat.${this.state.dialog}.title`)}</h2>
      <button type="button" class="plain round" aria-label=${t('chat.close')} @click=${() => this.closeDialog()}>${ICONS.close}</button></header>
      ${views[this.state.dialog]()}</div>`;
  }

  #guestLine() {
    const { secondsLeft } = this.state;
    if (!this.place.guest) return nothing;
    const time = secondsLeft === null ? '' : `${Math.floor(secondsLeft / 60)}:${String(secondsLeft % 60).padStart(2, '0')}`;
    return html`<div class=${secondsLeft !== null && secondsLeft <= 60 ? 'guest soon' : 'guest'}>
      <span>${t('chat.guest.title')} ${t('chat.guest.note')}</span>
      ${time ? html`<span role="timer" class="countdown">${t('chat.guest.left', { time })}</span>` : nothing}
      <button type="button" @click=${() => this.data.forget()}>${t('chat.guest.forget')}</button></div>`;
  }

  #dialogClosed() {
    // A dialog that asks takes the place of the one before, which closes for it.
    if (!this.find('dialog').open) this.set({ dialog: null, confirm: null });
  }

  #modelChanged() {
    const { open } = this.model;
    if (this.#shown !== open) {
      this.#shown = open;
      Object.assign(this.state, { editing: null, renaming: false, places: new Set() });
      if (this.scroll) this.scroll.following = true;
    }
    this.#watch(open.run);
    this.#find();
    this.show();
    this.scroll?.grown();
    this.#countSoon();
  }

  #draftChanged() {
    this.show();
    this.#fitField();
    this.#countSoon();
  }

  /** The field grows with the question, where the browser does not do it by itself. */
  #fitField() {
    const field = this.find('#question');
    if (CSS.supports('field-sizing', 'content')) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  }

  #watch(run) {
    if (!run || this.#watched.has(run)) return;
    this.#watched.set(run, true);
    this.announcer.begin();
    run.addEventListener('text', () => this.#painter.request());
    run.addEventListener('status', () => this.show());
    run.addEventListener('unsaved', () => { this.draft.problem = t('chat.error.unsaved'); this.show(); });
    run.addEventListener('end', () => {
      this.#painter.cancel();
      this.#watched.delete(run);
      this.announcer.finish(partThoughts(run.message.text).answer);
    });
  }

  /** New text of a running answer goes straight to its element; nothing else on the page changes by it. */
  #paintText() {
    const { run } = this.model.open;
    const element = run && this.find(`#m-${CSS.escape(run.message.id)} chat-markdown`);
    if (!element) return;
    const first = element.textContent === '';
    element.content = { text: run.message.text, running: true };
    if (first) this.show();
    this.announcer.update(partThoughts(run.message.text).answer);
    this.scroll.grown();
  }

  async #find() {
    const query = this.state.query;
    const found = await this.model.find(query);
    if (query === this.state.query) this.set({ found });
  }

  #countSoon() {
    clearTimeout(this.#counting.timer);
    this.#counting.abort.abort();
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      if (this.model.open.run) return;
      const use = await this.model.open.contextUse(this.draft.text, this.draft.attachments, abort.signal);
      if (!abort.signal.aborted) this.set({ use });
    }, COUNTED_AFTER_MILLIS);
    this.#counting = { timer, abort };
  }
}
