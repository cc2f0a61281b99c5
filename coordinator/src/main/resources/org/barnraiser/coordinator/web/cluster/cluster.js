/** The page of the cluster: who holds what, how fast it goes, and what is wrong. */
import { html, nothing, render } from 'lit-html';
import { number } from '../shell/format.js';
import { onLanguage, t } from '../shell/i18n.js';
import { announce } from '../shell/shell.js';
import { watchCluster } from './feed.js';
import { picture } from './picture.js';
import { drawHistory } from './speed.js';
import { machineTable } from './table.js';

/** @typedef {import('./feed.js').Cluster} Cluster */

const main = /** @type {HTMLElement} */ (document.getElementById('main'));

/** @type {Cluster | undefined} */
let cluster;
let connected = true;
let history = '';
let saidReady = '';

function show() {
  render(html`<div class="wide cluster">
    <h1>${t('cluster.title')}</h1>
    ${connected ? nothing : html`<p class="note bad">${t('cluster.disconnected')}</p>`}
    ${cluster ? state(cluster) : html`<p class="quiet">${t('cluster.asking')}</p>`}
    <h2 id="speed">${t('cluster.speed')}</h2>
    <p class="quiet" id="history">${history}</p>
    <div class="chart"><canvas aria-hidden="true"></canvas></div>
    ${cluster ? html`
      <h2 id="machines">${t('cluster.machines')}</h2>
      ${machineTable(ofAllModels(cluster))}
      ${coordinators(cluster)}
      <p class="quiet small">${t('cluster.busyMeans')}</p>` : nothing}
  </div>`, main);
}

/** Every hosted model, the first one first. */
function models(/** @type {Cluster} */ cluster) {
  return cluster.models ?? [{ ...cluster.model, plan: cluster.plan }];
}

/** The pipelines of all models together, as machines may have stages of several. */
function ofAllModels(/** @type {Cluster} */ cluster) {
  return { ...cluster, plan: { ...cluster.plan, pipelines: models(cluster).flatMap(({ plan }) => plan.pipelines) } };
}

/** @param {Cluster} cluster */
function state(cluster) {
  const { activity, troubles } = cluster;
  return html`
    ${models(cluster).map((model, i) => {
      const { pipelines } = model.plan;
      const stages = pipelines.flatMap(pipeline => pipeline.stages);
      const layers = stages.at(-1)?.last ?? 0;
      return html`
        <p class="lead">${layers
          ? t(pipelines.length > 1 ? 'cluster.introOfSeveral' : 'cluster.intro', {
            model: model.name, layers, machines: stages.length, pipelines: pipelines.length })
          : t('cluster.introWithoutPlan', { model: model.name })}</p>
        <p class="note ${model.ready ? 'good' : 'bad'}" id=${i === 0 ? 'readiness' : `readiness-${i + 1}`}>${
          model.ready ? t('cluster.ready') : html`<strong>${t('cluster.notReady')}</strong> ${model.reason}`}</p>`;
    })}
    ${troubles.length ? html`<div class="note"><strong>${t('cluster.troubles')}</strong>
      <ul>${troubles.map(trouble => html`<li>${trouble}</li>`)}</ul></div>` : nothing}
    ${picture(ofAllModels(cluster))}
    <dl class="now">
      ${figure('tokensPerSecond', number(activity.tokensPerSecond, 1))}
      ${figure('running', number(activity.running))}
      ${figure('waiting', number(activity.waiting))}
      ${figure('paused', number(activity.paused))}
      ${figure('takeovers', number(activity.takeoversTotal))}
    </dl>`;
}

/**
 * @param {string} name
 * @param {string} value
 */
function figure(name, value) {
  return html`<div><dt>${t(`cluster.now.${name}`)}</dt><dd>${value}</dd></div>`;
}

/** @param {Cluster} cluster */
function coordinators({ coordinators }) {
  if (!coordinators.length) return nothing;
  return html`<h3>${t('cluster.coordinators')}</h3>
    <ul>${coordinators.map(({ coordinator, httpAddress, leads }) => html`<li>${httpAddress || coordinator}${
      leads ? html` <span class="quiet">${t('cluster.leads')}</span>` : nothing}</li>`)}</ul>`;
}

/** Only what matters is said aloud: that the model answers, or why not. */
function sayReadiness(/** @type {Cluster} */ { model }) {
  const sentence = model.ready ? t('cluster.ready') : `${t('cluster.notReady')} ${model.reason}`;
  if (saidReady && sentence !== saidReady) announce(sentence);
  saidReady = sentence;
}

onLanguage(show);
watchCluster(state => {
  cluster = state;
  connected = true;
  show();
  sayReadiness(state);
}, now => {
  if (now === connected) return;
  connected = now;
  show();
});
show();
await drawHistory(/** @type {HTMLCanvasElement} */ (main.querySelector('canvas')), sentence => {
  history = sentence;
  show();
});
