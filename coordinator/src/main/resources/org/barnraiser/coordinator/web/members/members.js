/** The page "Members": for admins, the keys and what they used. */
import { html, nothing, render } from 'lit-html';
import { copyText } from '../chat/clipboard.js';
import { number } from '../shell/format.js';
import { locale, onLanguage, t } from '../shell/i18n.js';
import { announce } from '../shell/shell.js';

/**
 * @typedef {{id: string, name: string, role: string, prefix: string, state: 'valid' | 'expired' | 'revoked', expires: string | null,
 *   weight: number}} Key
 */

const ROLES = ['guest', 'member', 'admin'];
const main = /** @type {HTMLElement} */ (document.getElementById('main'));

/** @type {Key[] | undefined} undefined for those who may not see them */
let keys;
/** @type {Map<string, number>} tokens by key */
let used = new Map();
/** @type {{name: string, secret: string} | undefined} */
let issued;
let trouble = '';

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 */
async function ask(method, path, body) {
  const response = await fetch(path, { method, cache: 'no-store', body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
}

async function load() {
  try {
    const [list, usage] = await Promise.all([ask('GET', '/api/keys'), ask('GET', '/api/usage')]);
    keys = list.keys;
    used = new Map();
    for (const day of usage.usage) used.set(day.key, (used.get(day.key) ?? 0) + day.promptTokens + day.completionTokens);
  } catch {
    keys = undefined;
  }
  show();
}

/** @param {() => Promise<void>} work */
async function change(work) {
  trouble = '';
  issued = undefined;
  try {
    await work();
  } catch (error) {
    trouble = String(/** @type {Error} */ (error).message);
  }
  await load();
}

/** @param {SubmitEvent} event */
function create(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const given = new FormData(form);
  const wanted = { name: given.get('name'), role: given.get('role'), weight: Number(given.get('weight')),
    expiresInDays: Number(given.get('days')) || null, tokensPerDay: Number(given.get('day')) || null };
  void change(async () => {
    const made = await ask('POST', '/api/keys', wanted);
    issued = { name: made.name, secret: made.key };
    announce(t('members.made', { name: made.name }));
    form.reset();
  });
}

/** @param {Key} key */
function revoke(key) {
  if (!confirm(t('members.sureRevoke', { name: key.name }))) return;
  void change(async () => {
    await ask('DELETE', `/api/keys/${key.id}`);
    announce(t('members.revoked', { name: key.name }));
  });
}

/** @param {Key} key */
function rotate(key) {
  if (!confirm(t('members.sureRotate', { name: key.name }))) return;
  void change(async () => {
    const made = await ask('POST', `/api/keys/${key.id}/rotate`, {});
    issued = { name: made.name, secret: made.key };
    announce(t('members.made', { name: made.name }));
  });
}

function show() {
  render(html`<div class="members wide">
    <h1>${t('members.title')}</h1>
    <p class="lead">${t('members.intro')}</p>
    ${trouble ? html`<p class="note bad" role="alert">${trouble}</p>` : nothing}
    ${issued ? html`<div class="note good"><p>${t('members.made', { name: issued.name })}</p>
      <p class="secret"><code id="secret">${issued.secret}</code> <button type="button" @click=${copy}>${t('members.copy')}</button></p></div>` : nothing}
    ${keys ? html`${form()}${table(keys)}` : html`<p class="note">${t('members.notAdmin')}</p>`}
    ${window.barnraiserKey.has() ? html`<p><button type="button" @click=${() => { window.barnraiserKey.forget(); location.reload(); }}>${t('members.forget')}</button></p>` : nothing}
  </div>`, main);
}

async function copy() {
  if (issued && await copyText(issued.secret)) announce(t('members.copied'));
}

function form() {
  return html`<form class="sheet asked" @submit=${create}>
    <label>${t('members.name')}<input name="name" required maxlength="100" autocomplete="off"></label>
    <label>${t('members.role')}<select name="role">${ROLES.map(role => html`<option value=${role}
      ?selected=${role === 'member'}>${t(`members.roles.${role}`)}</option>`)}</select></label>
    <label>${t('members.days')}<input name="days" type="number" min="1" max="36500"></label>
    <label>${t('members.day')}<input name="day" type="number" min="1"></label>
    <label>${t('members.weight')}<input name="weight" type="number" min="1" max="100" value="1" required></label>
    <button class="main">${t('members.create')}</button>
  </form>`;
}

/** @param {Key[]} all */
function table(all) {
  return html`<h2 id="list">${t('members.list')}</h2><div class="scrolling" tabindex="0" role="region" aria-labelledby="list"><table>
    <thead><tr><th scope="col">${t('members.name')}</th><th scope="col">${t('members.role')}</th><th scope="col">${t('members.key')}</th>
      <th scope="col">${t('members.state')}</th><th scope="col">${t('members.expires')}</th>
      <th scope="col" class="number">${t('members.weight')}</th><th scope="col" class="number">${t('members.used')}</th><td></td></tr></thead>
    <tbody>${all.toSorted((a, b) => a.name.localeCompare(b.name, locale())).map(row)}</tbody></table></div>`;
}

/** @param {Key} key */
function row(key) {
  return html`<tr><th scope="row">${key.name}</th><td>${t(`members.short.${key.role}`)}</td><td><code>${key.prefix}…</code></td>
    <td>${t(`members.states.${key.state}`)}</td>
    <td>${key.expires ? new Date(key.expires).toLocaleDateString(locale()) : t('members.never')}</td>
    <td class="number">${number(key.weight)}</td><td class="number">${number(used.get(key.id) ?? 0)}</td>
    <td class="actions">${key.state === 'revoked' ? nothing : html`<button type="button" aria-label=${t('members.rotateOf', { name: key.name })}
      @click=${() => rotate(key)}>${t('members.rotate')}</button> <button type="button"
      aria-label=${t('members.revokeOf', { name: key.name })} @click=${() => revoke(key)}>${t('members.revoke')}</button>`}</td></tr>`;
}

onLanguage(show);
show();
await load();
