/** Starts the chat page. */
import { t } from '../shell/i18n.js';
import { isGuest, kioskMinutes, useMemoryOnly } from '../shell/preferences.js';
import { addAddress } from './address.js';
import { ChatModel } from './chat-model.js';
import { ChatPage } from './chat-page.js';
import { Idle } from './idle.js';
import { branding } from './presets.js';
import { openStore } from './store.js';

/** A guest who came by the link, and not to a kiosk, has this long. */
const GUEST_MINUTES = 10;
const ASKED_AGAIN_AFTER_MILLIS = 5_000;

if (new URLSearchParams(location.search).has('guest')) {
  useMemoryOnly();
}
const { store, refused } = await openStore(isGuest());
if (refused) {
  useMemoryOnly();
}
const guest = isGuest();
const model = new ChatModel(store, () => t('chat.memory.heading'));
const page = new ChatPage(document.getElementById('main'), model, { guest, refused, branding: await branding() });
await model.load();
if (!guest) {
  await addAddress(model);
}

if (guest && !refused) {
  new Idle(kioskMinutes ?? GUEST_MINUTES, secondsLeft => {
    page.set({ secondsLeft });
    if (secondsLeft === 0) page.data.forget();
  });
}
if (guest) {
  // Nor may the way back of the browser show it to the next guest.
  addEventListener('pagehide', () => { document.getElementById('main').hidden = true; });
  addEventListener('pageshow', event => { if (event.persisted) location.reload(); });
  // Another page in this tab would end the guest's conversation.
  document.querySelectorAll('.bar nav a:not([aria-current])').forEach(link => { link.target = '_blank'; });
}
await learn();

/** Learns which model is hosted, and whether it answers; asks again until it does. */
async function learn() {
  await model.learnModel();
  const ready = await fetch('/readyz', { cache: 'no-store' }).catch(() => null);
  const reason = ready && !ready.ok ? (await ready.text()).trim() : null;
  page.set({ notReady: reason });
  if (!model.hosted || reason !== null) setTimeout(learn, ASKED_AGAIN_AFTER_MILLIS);
}
