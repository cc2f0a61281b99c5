import { t } from '../shell/i18n.js';
import { announce } from '../shell/shell.js';
import { copyText } from './clipboard.js';

const COPIED_SHOWN_MILLIS = 2_000;

/** What a reader can do with the open conversation and its messages. */
export class MessageActions {
  #page;

  constructor(page) {
    this.#page = page;
  }

  get #open() {
    return this.#page.model.open;
  }

  showConversation = async id => {
    await this.#page.model.show(id);
    this.#page.set({ drawer: false });
    this.#page.scroll.toEnd();
  };

  edit = id => {
    this.#page.set({ editing: id });
    this.#page.find('#editor')?.focus();
    if (id === null) this.#page.focusQuestion();
  };

  editLast = event => {
    const last = this.#open.path().findLast(({ role }) => role === 'user');
    if (last && !this.#open.run) {
      event.preventDefault();
      this.edit(last.id);
    }
  };

  askAnew = (id, text) => {
    if (text.trim() === '') return;
    this.#page.set({ editing: null });
    this.#page.scroll.following = true;
    this.#page.focusQuestion();
    this.#open.askAnew(id, text.trim());
  };

  regenerate = id => this.#answered(this.#open.regenerate(id));
  /** An answer of which nothing came is asked for once more, in its own place. */
  retry = id => this.#answered(this.#open.goOn(id));
  goOn = id => this.#answered(this.#open.goOn(id));
  showBranch = id => this.#open.show(id);

  togglePlaces = id => {
    const places = new Set(this.#page.state.places);
    if (!places.delete(id)) places.add(id);
    this.#page.set({ places });
    this.#page.scroll.grown();
  };

  copy = async ({ id, text }) => {
    const sentence = t(await copyText(text) ? 'chat.code.copied' : 'chat.code.notCopied');
    this.#page.set({ copied: { id, sentence } });
    announce(sentence);
    setTimeout(() => this.#page.set({ copied: null }), COPIED_SHOWN_MILLIS);
  };

  send = () => this.#page.send();
  stop = () => this.#open.stop();
  type = text => this.#page.draft.setText(text);
  choose = () => this.#page.find('#file').click();
  drop = file => this.#page.draft.remove(file);

  pick = event => {
    this.#page.draft.add(event.target.files);
    event.target.value = '';
    this.#page.focusQuestion();
  };

  paste = event => {
    if (event.clipboardData.files.length > 0) {
      event.preventDefault();
      this.#page.draft.add(event.clipboardData.files);
    }
  };

  openDrawer = () => {
    this.#page.set({ drawer: true });
    this.#page.find('.new').focus();
  };

  showSettings = () => this.#page.openDialog('settings');
  showShortcuts = () => this.#page.openDialog('keys');

  closeMenu = () => {
    this.#page.find('.menu').open = false;
  };

  startRename = () => {
    this.#page.set({ renaming: true });
    this.#page.find('#title').select();
  };

  rename = async title => {
    if (!this.#page.state.renaming) return;
    this.#page.set({ renaming: false });
    if (title !== null) await this.#open.rename(title);
    this.#page.focusQuestion();
  };

  exportOne = ending => this.#page.data.exportOne(this.#open.conversation.id, ending);

  askRemove = () => {
    const { id, title } = this.#open.conversation;
    this.#page.openDialog('confirm', { confirm: {
      sentence: t('chat.confirm.remove', { title }),
      action: t('chat.head.remove'),
      run: () => this.#page.model.remove(id),
    } });
  };

  #answered(answer) {
    this.#page.scroll.following = true;
    this.#page.focusQuestion();
    return answer;
  }
}
