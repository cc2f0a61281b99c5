/** Everything that the picture shows, in words and numbers. */
import { html } from 'lit-html';
import { bytes, milliseconds, percent, UNKNOWN } from '../shell/format.js';
import { t } from '../shell/i18n.js';
import { role } from './feed.js';
import { stateWord } from './picture.js';

/** @typedef {import('./feed.js').Cluster} Cluster */

/**
 * @param {Cluster} cluster
 */
export function machineTable(cluster) {
  const rows = [...stageRows(cluster), ...otherRows(cluster)];
  return html`
    <div class="scrolling" tabindex="0" role="region" aria-labelledby="machines">
    <table>
      <thead><tr>
        <th scope="col">${t('cluster.column.machine')}</th>
        <th scope="col">${t('cluster.column.does')}</th>
        <th scope="col">${t('cluster.column.layers')}</th>
        <th scope="col" class="number">${t('cluster.column.busy')}</th>
        <th scope="col" class="number">${t('cluster.column.step')}</th>
        <th scope="col" class="number">${t('cluster.column.takes')}</th>
        <th scope="col" class="number">${t('cluster.column.lends')}</th>
        <th scope="col">${t('cluster.column.engine')}</th>
      </tr></thead>
      <tbody>${rows.length ? rows : html`<tr><td colspan="8">${t('cluster.noMachines')}</td></tr>`}</tbody>
    </table></div>`;
}

/** @param {Cluster} cluster */
function stageRows(cluster) {
  return cluster.plan.pipelines.flatMap(pipeline => pipeline.stages.map((stage, i) => {
    const worker = cluster.workers.find(other => other.worker === stage.worker);
    return html`<tr>
      <th scope="row">${stage.worker}${note(worker)}</th>
      <td>${t(`cluster.role.${role(i, pipeline.stages.length)}`)}${
        worker && worker.state !== 'stage' && worker.state !== 'idle' ? html`, ${stateWord(worker.state)}` : ''}</td>
      <td>${t('cluster.fromTo', { first: stage.first + 1, last: stage.last })}</td>
      <td class="number">${percent(stage.busyShare)}</td>
      <td class="number">${milliseconds(stage.stepMillis)}</td>
      <td class="number">${bytes(stage.memoryBytes)}</td>
      <td class="number">${worker ? bytes(worker.usableMemoryBytes) : UNKNOWN}</td>
      <td>${worker?.engine || UNKNOWN}</td></tr>`;
  }));
}

/** @param {Cluster} cluster */
function otherRows(cluster) {
  const stages = new Set(cluster.plan.pipelines.flatMap(pipeline => pipeline.stages.map(stage => stage.worker)));
  return cluster.workers.filter(worker => !stages.has(worker.worker)).map(worker => html`<tr>
    <th scope="row">${worker.worker}${note(worker)}</th>
    <td>${stateWord(worker.state)}</td>
    <td>${UNKNOWN}</td><td class="number">${UNKNOWN}</td><td class="number">${UNKNOWN}</td><td class="number">${UNKNOWN}</td>
    <td class="number">${bytes(worker.usableMemoryBytes)}</td>
    <td>${worker.engine || UNKNOWN}</td></tr>`);
}

/** @param {import('./feed.js').Worker | undefined} worker */
function note(worker) {
  return worker?.note ? html`<br><span class="quiet small">${worker.note}</span>` : '';
}
