/** The line of machines as a picture. The table below it says the same in words, so screen readers skip this one. */
import { html, nothing, svg } from 'lit-html';
import { bytes, milliseconds, percent, UNKNOWN } from '../shell/format.js';
import { t } from '../shell/i18n.js';
import { role } from './feed.js';

/** @typedef {import('./feed.js').Cluster} Cluster */

const BAR_WIDTH = 1000;

/**
 * @param {Cluster} cluster
 */
export function picture(cluster) {
  const several = cluster.plan.pipelines.some(pipeline => pipeline.number > 1);
  const standbys = cluster.workers.filter(worker => !isStage(cluster, worker.worker));
  return html`
    <div class="picture" aria-hidden="true">
      ${cluster.plan.pipelines.map(pipeline => html`
        ${several ? html`<p class="quiet small">${t('cluster.pipeline', { number: pipeline.number })}</p>` : nothing}
        ${layers(pipeline.stages)}
        <ol class="line">${pipeline.stages.map((stage, i) => machine(stage, i, pipeline.stages.length, cluster))}</ol>`)}
      ${standbys.length ? html`
        <p class="quiet small">${t('cluster.others')}</p>
        <ul class="standbys">${standbys.map(worker => html`
          <li class="machine standby" data-worker=${worker.worker}><strong>${worker.worker}</strong>
            <span class="quiet small">${stateWord(worker.state)} · ${bytes(worker.usableMemoryBytes)}</span></li>`)}</ul>` : nothing}
    </div>`;
}

/**
 * @param {string} state as the server has it
 * @returns {string}
 */
export function stateWord(state) {
  const key = { stage: 'stage', 'stand-by': 'standby', leaving: 'leaving', away: 'away', idle: 'idle' }[state];
  return key ? t(`cluster.state.${key}`) : state;
}

/**
 * @param {Cluster} cluster
 * @param {string} worker
 */
export function isStage(cluster, worker) {
  return cluster.plan.pipelines.some(pipeline => pipeline.stages.some(stage => stage.worker === worker));
}

/** One bar for the whole model, cut where the machines meet. */
function layers(/** @type {import('./feed.js').Stage[]} */ stages) {
  const count = stages.at(-1)?.last ?? 0;
  if (!count) return nothing;
  return html`
    <svg class="layers" viewBox="0 0 ${BAR_WIDTH} 36" preserveAspectRatio="none">
      ${stages.map((stage, i) => {
        const from = (stage.first / count) * BAR_WIDTH;
        const width = ((stage.last - stage.first) / count) * BAR_WIDTH;
        return svg`<rect class=${role(i, stages.length)} x=${from + 1} y="0" width=${Math.max(1, width - 2)} height="36" rx="3"></rect>
          ${Array.from({ length: stage.last - stage.first - 1 }, (_, layer) => {
            const x = from + (layer + 1) * (width / (stage.last - stage.first));
            return svg`<line x1=${x} x2=${x} y1="0" y2="36"></line>`;
          })}`;
      })}
    </svg>`;
}

/**
 * @param {import('./feed.js').Stage} stage
 * @param {number} index
 * @param {number} count
 * @param {Cluster} cluster
 */
function machine(stage, index, count, cluster) {
  const worker = cluster.workers.find(other => other.worker === stage.worker);
  const place = role(index, count);
  return html`
    <li class="machine ${place}" data-worker=${stage.worker}>
      <span class="place small">${t(`cluster.role.${place}`)}</span>
      <strong>${stage.worker}</strong>
      <span>${t('cluster.layersFromTo', { first: stage.first + 1, last: stage.last })}</span>
      <svg class="busy" viewBox="0 0 100 6" preserveAspectRatio="none">
        <rect class="track" width="100" height="6"></rect>
        <rect class="share" width=${Math.round(stage.busyShare * 100)} height="6"></rect></svg>
      <span class="quiet small">${t('cluster.busyNow', { share: percent(stage.busyShare) })}</span>
      <span class="quiet small">${t('cluster.perStep', { time: milliseconds(stage.stepMillis) })}</span>
      <span class="quiet small">${t('cluster.memoryOf', {
        taken: bytes(stage.memoryBytes), lent: worker ? bytes(worker.usableMemoryBytes) : UNKNOWN,
      })}</span>
      ${way(stage.next?.kind ?? '')}
    </li>`;
}

/** How the next machine is reached, unless it is simply dialled. */
function way(/** @type {string} */ kind) {
  if (!kind || kind === 'direct') return nothing;
  const relay = kind.match(/^relayed through (.+)$/)?.[1];
  return html`<span class="quiet small">${relay ? t('cluster.wayRelayed', { relay }) : t('cluster.wayReversed')}</span>`;
}
