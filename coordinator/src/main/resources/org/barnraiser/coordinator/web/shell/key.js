// A classic script in the head, so that every request of a page already carries the reader's key. The key is asked for once, when the
// server wants one, and kept in this browser; in kiosk mode only until the page is left.
(() => {
  const NAME = 'barnraiser.key';
  const kiosk = 'kiosk' in document.documentElement.dataset;
  let key = kiosk ? '' : stored();
  /** The question that is open; everybody who needs the key waits for it. */
  let asking = null;
  let declined = false;
  const plainFetch = window.fetch.bind(window);

  function stored() {
    try {
      return localStorage.getItem(NAME) ?? '';
    } catch {
      return '';
    }
  }

  function keep(next) {
    key = next;
    if (kiosk) return;
    try {
      if (next) localStorage.setItem(NAME, next);
      else localStorage.removeItem(NAME);
    } catch {
      // A browser that keeps nothing still has it until the page is left.
    }
  }

  function withKey(input, init) {
    const request = new Request(input, init);
    if (key) request.headers.set('Authorization', `Bearer ${key}`);
    return request;
  }

  window.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (url.origin !== location.origin || !/^\/(v1|api)\//.test(url.pathname)) return plainFetch(input, init);
    for (;;) {
      const shown = key;
      const again = input instanceof Request ? input.clone() : input;
      const response = await (key ? plainFetch(withKey(again, init)) : plainFetch(again, init));
      if (response.status !== 401 || declined || (shown === key && !(await ask(Boolean(shown))))) return response;
    }
  };

  /** Asks for the key; whether there is another one now. */
  function ask(wrong) {
    asking ??= dialog(wrong).then(given => {
      asking = null;
      declined = !given;
      if (given) keep(given);
      return Boolean(given);
    });
    return asking;
  }

  async function dialog(wrong) {
    const { t } = await import('/assets/shell/i18n.js');
    const box = document.createElement('dialog');
    const form = document.createElement('form');
    const label = document.createElement('label');
    const input = document.createElement('input');
    const yes = document.createElement('button');
    const no = document.createElement('button');
    box.className = 'key';
    box.setAttribute('aria-labelledby', 'key-title');
    form.method = 'dialog';
    const title = Object.assign(document.createElement('h2'), { id: 'key-title', textContent: t('key.title') });
    const why = Object.assign(document.createElement('p'), { textContent: t(wrong ? 'key.wrong' : kiosk ? 'key.whyKiosk' : 'key.why') });
    Object.assign(input, { type: 'password', required: true, autocomplete: 'off', maxLength: 200 });
    label.append(t('key.label'), input);
    Object.assign(yes, { className: 'main', textContent: t('key.use'), value: 'use' });
    Object.assign(no, { type: 'button', textContent: t('key.without') });
    no.addEventListener('click', () => box.close(''));
    form.append(title, why, label, yes, ' ', no);
    box.append(form);
    document.body.append(box);
    box.showModal();
    return new Promise(resolve => {
      box.addEventListener('close', () => {
        box.remove();
        resolve(box.returnValue === 'use' ? input.value.trim() : '');
      });
    });
  }

  window.barnraiserKey = { has: () => key !== '', forget: () => keep('') };
})();
