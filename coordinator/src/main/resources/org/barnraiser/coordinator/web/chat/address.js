/**
 * Keeps the open conversation in the page's address, so that it is there again after a reload, and the browser's own way back works.
 * Not for guests: the browser remembers addresses.
 */
export async function addAddress(model) {
  const asked = () => location.hash.slice(1);
  const show = async () => {
    const id = asked();
    if (id === '') model.startNew();
    else if (model.conversations.some(each => each.id === id) && model.open.conversation.id !== id) await model.show(id);
  };
  if (asked() !== '') await show();
  addEventListener('hashchange', show);
  model.addEventListener('change', () => {
    const { open } = model;
    const id = open.tree.size > 0 ? open.conversation.id : '';
    if (id !== asked()) history.pushState(null, '', id === '' ? location.pathname : `#${id}`);
  });
}
