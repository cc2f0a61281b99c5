/** The planner's answer in plain words, as bars and as a table. */
import { html, nothing, svg } from 'lit-html';
import { bytes, number, UNKNOWN } from '../shell/format.js';
import { t } from '../shell/i18n.js';

/** @typedef {import('./question.js').Fit} Fit */

/** @param {Fit} fit */
export function answer(fit) {
  return html`
    <p class="verdict note ${fit.fits ? 'good' : 'bad'}"><strong>${fit.fits ? t('fit.fits') : t('fit.doesNotFit')}</strong>
      ${fit.fits
        ? t('fit.takes', { takes: bytes(fit.modelBytes), lent: bytes(fit.lentBytes) })
        : t('fit.missing', { takes: bytes(fit.modelBytes), lent: bytes(fit.lentBytes), missing: bytes(fit.missingBytes) })}</p>
    ${fit.fits ? nothing : html`<p>${t('fit.advice', { missing: bytes(fit.missingBytes) })}</p>`}
    ${speed(fit)}
    ${fit.stages.length ? stages(fit) : nothing}
    ${fit.unused.length ? html`<p class="quiet">${t('fit.unused', { names: fit.unused.join(', ') })}</p>` : nothing}
    ${fit.estimated ? html`<p class="quiet small">${t('fit.sizesAreEstimates')}</p>` : nothing}`;
}

/** @param {Fit} fit */
function speed({ fits, tokensPerSecond }) {
  if (!fits) return nothing;
  if (!tokensPerSecond) return html`<p class="quiet">${t('fit.speedUnknown')}</p>`;
  const digits = tokensPerSecond.fast < 10 ? 1 : 0;
  return html`<p>${t('fit.speed', { slow: number(tokensPerSecond.slow, digits), fast: number(tokensPerSecond.fast, digits) })}
    <span class="quiet small">${t('fit.speedEstimate')}</span></p>`;
}

/** @param {Fit} fit */
function stages({ stages, layers }) {
  return html`
    <div class="scrolling" tabindex="0" role="region" aria-label=${t('fit.parts')}>
    <table>
      <thead><tr><th scope="col">${t('cluster.column.machine')}</th><th scope="col">${t('cluster.column.layers')}</th>
        <th scope="col" class="bar-column"><span class="unseen">${t('fit.share')}</span></th>
        <th scope="col" class="number">${t('cluster.column.takes')}</th><th scope="col" class="number">${t('cluster.column.lends')}</th></tr></thead>
      <tbody>${stages.map(stage => html`<tr>
        <th scope="row">${stage.machine}</th>
        <td>${t('cluster.fromTo', { first: stage.first + 1, last: stage.last })}</td>
        <td class="bar-column">${bar(stage.first / layers, (stage.last - stage.first) / layers)}</td>
        <td class="number">${bytes(stage.memoryBytes)}</td>
        <td class="number">${stage.lentBytes ? bytes(stage.lentBytes) : UNKNOWN}</td></tr>`)}</tbody>
    </table></div>`;
}

/**
 * @param {number} from from 0 to 1
 * @param {number} width from 0 to 1
 */
function bar(from, width) {
  return html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    ${svg`<rect class="track" width="100" height="10" rx="1"></rect>
    <rect class="share" x=${from * 100} width=${width * 100} height="10" rx="1"></rect>`}</svg>`;
}
