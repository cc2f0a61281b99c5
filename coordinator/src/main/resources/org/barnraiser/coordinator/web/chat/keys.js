/** The keyboard's shortcuts, wherever the focus is. */
export function addKeys(page) {
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.isComposing || page.find('dialog').open) return;
    const command = event.ctrlKey || event.metaKey;
    if (event.key === 'Escape' && event.shiftKey) page.focusQuestion();
    else if (event.key === 'Escape') escape(page);
    else if (command && event.shiftKey && event.key.toLowerCase() === 'o') page.startNew();
    else if (command && !event.shiftKey && event.key.toLowerCase() === 'k') search(page);
    else if (command && event.key === '/') page.openDialog('keys');
    else return;
    event.preventDefault();
  });
  document.addEventListener('click', event => {
    const menu = page.find('.menu');
    if (menu?.open && !menu.contains(event.target)) menu.open = false;
  });
}

/** Closes what is open, and stops the answer if nothing is. */
function escape(page) {
  const menu = page.find('.menu');
  if (menu.open) {
    menu.open = false;
    menu.querySelector('summary').focus();
  } else if (page.state.drawer) {
    page.set({ drawer: false });
    page.find('.drawer-button').focus();
  } else {
    page.model.open.stop();
  }
}

function search(page) {
  page.set({ drawer: true });
  page.find('#search').focus();
}
