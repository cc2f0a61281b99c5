import { t } from '../shell/i18n.js';
import { download, fileName } from './download.js';
import { allToMarkdown, ImportError, toJson } from './transfer.js';

const MOST_IMPORTED_BYTES = 200_000_000;

/** What a reader can do with all that is kept. */
export class DataActions {
  #page;

  constructor(page) {
    this.#page = page;
  }

  exportAll = async ending => this.#save(await this.#page.model.withMessages(), `barnraiser.${ending}`, ending);

  exportOne = async (id, ending) => {
    const one = await this.#page.model.withMessages(id);
    this.#save(one, fileName(one[0].conversation.title, ending), ending);
  };

  importFile = async event => {
    const [file] = event.target.files;
    event.target.value = '';
    if (file) this.#page.set({ imported: await this.#import(file) });
  };

  askRemoveAll = () => {
    this.#page.openDialog('confirm', { confirm: {
      sentence: t('chat.confirm.removeAll'),
      action: t('chat.data.removeAll'),
      run: () => this.#page.model.removeAll(),
    } });
  };

  /** A guest leaves: a page that is loaded anew remembers nothing. */
  forget() {
    location.reload();
  }

  #save(conversations, name, ending) {
    if (ending === 'json') {
      download(name, 'application/json', toJson(conversations));
    } else {
      download(name, 'text/markdown', allToMarkdown(conversations, {
        reader: t('chat.message.you'), model: t('chat.message.answer'), attached: t('chat.data.attached') }));
    }
  }

  async #import(file) {
    if (file.size > MOST_IMPORTED_BYTES) {
      return { failed: true, sentence: t('chat.data.tooLarge') };
    }
    try {
      return { failed: false, sentence: t('chat.data.imported', { n: await this.#page.model.add(await file.text()) }) };
    } catch (error) {
      if (error instanceof ImportError) return { failed: true, sentence: t(`chat.data.bad.${error.reason}`) };
      throw error;
    }
  }
}
