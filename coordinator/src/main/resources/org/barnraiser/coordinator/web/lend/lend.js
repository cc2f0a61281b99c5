/** The page "Lend a machine": a command to copy, and the list in which the machine then appears. */
import { html, nothing, render } from 'lit-html';
import { watchCluster } from '../cluster/feed.js';
import { bytes } from '../shell/format.js';
import { onLanguage, t } from '../shell/i18n.js';
import { announce } from '../shell/shell.js';
import { likelySystem, plainName, SYSTEMS, workerCommand } from './commands.js';

/** @typedef {import('../cluster/feed.js').Worker} Worker */

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const { zooKeeper, reachable } = await (await fetch('/api/lend')).json();

const choices = { zooKeeper, name: '', /** @type {number | undefined} */ gigabytes: undefined };
let chosen = likelySystem();
/** @type {Worker[] | undefined} */
let workers;
/** Machines that came while this page was open. */
const arrived = new Set();

function show() {
  const system = SYSTEMS.find(({ key }) => key === chosen) ?? SYSTEMS[0];
  render(html`<div class="reading lend">
    <h1>${t('lend.title')}</h1>
    <p class="lead">${t('lend.intro')}</p>
    ${reachable ? nothing : html`<p class="note">${t('lend.notReachable', { zk: zooKeeper || '–' })}
      ${t('lend.notReachableDo')}</p>`}
    <p class="note">${t('lend.trust')}</p>

    <h2>${t('lend.step1')}</h2>
    <div class="systems" role="radiogroup" aria-label=${t('lend.system')}>
      ${SYSTEMS.map(({ key }) => html`<label><input type="radio" name="system" value=${key} .checked=${key === chosen}
        @change=${() => { chosen = key; show(); }}> ${t(`lend.os.${key}`)}</label>`)}
    </div>
    <p>${t(`lend.prepare.${system.key}`)}</p>
    ${command('install', system.install)}
    <p>${t('lend.folder')}</p>

    <h2>${t('lend.step2')}</h2>
    <div class="asked">
      <label>${t('lend.name')}<input type="text" autocomplete="off" spellcheck="false" maxlength="60" .value=${choices.name}
        @input=${event => { choices.name = plainName(event.target.value); show(); }}></label>
      <label>${t('lend.memory')}<input type="number" min="1" max="10000" @input=${event => {
        choices.gigabytes = event.target.validity.valid ? event.target.valueAsNumber || undefined : undefined;
        show();
      }}></label>
    </div>
    ${command('worker', workerCommand(system, choices))}
    <p class="quiet">${t('lend.commandMeans')}</p>
    ${system.key === 'windows' ? html`<p class="quiet">${t('lend.windowsNetwork')}</p>` : nothing}

    <h2 id="here">${t('lend.step3')}</h2>
    <ul class="here" aria-labelledby="here" aria-live="polite">
      ${workers?.length ? workers.map(machine) : html`<li class="quiet">${t(workers ? 'lend.nobody' : 'cluster.asking')}</li>`}
    </ul>

    <h2>${t('lend.goodToKnow')}</h2>
    <ul><li>${t('lend.knowSees')}</li><li>${t('lend.knowStop')}</li><li>${t('lend.knowDisk')}</li></ul>
  </div>`, main);
}

/** @param {Worker} worker */
function machine(worker) {
  return html`<li class=${arrived.has(worker.worker) ? 'new' : ''}><strong>${worker.worker}</strong>
    <span class="quiet">${t('lend.lends', { memory: bytes(worker.usableMemoryBytes) })}</span>
    ${arrived.has(worker.worker) ? html`<span class="badge">${t('lend.justArrived')}</span>` : nothing}</li>`;
}

/**
 * @param {string} id
 * @param {string} text
 */
function command(id, text) {
  return html`<div class="command"><pre tabindex="0"><code id=${id}>${text}</code></pre>
    <button type="button" aria-describedby=${id} @click=${() => copy(id)}>${t('lend.copy')}</button></div>`;
}

/** Copies, or selects where the browser does not let pages copy (pages that do not come over https). */
async function copy(/** @type {string} */ id) {
  const code = /** @type {HTMLElement} */ (document.getElementById(id));
  try {
    await navigator.clipboard.writeText(code.textContent ?? '');
    announce(t('lend.copied'));
  } catch {
    getSelection()?.selectAllChildren(code);
    announce(t('lend.selected'));
  }
}

onLanguage(show);
watchCluster(cluster => {
  for (const { worker } of cluster.workers) {
    if (workers && !workers.some(known => known.worker === worker)) arrived.add(worker);
  }
  workers = cluster.workers;
  show();
}, () => {});
show();
