import { html, nothing } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';
import { t } from '../shell/i18n.js';

/**
 * The line of machines that computed an answer. It is a list, so those who do not see the picture hear the same thing.
 *
 * @param {object} message with places: one, or more when machines left in mid-answer
 */
export function placesView({ places }) {
  return html`<section class="places" aria-label=${t('chat.place.title')}>
    ${places.map((place, index) => html`
      ${places.length > 1 ? html`<p class="small quiet">${t(index === 0 ? 'chat.place.first' : 'chat.place.then')}</p>` : nothing}
      ${place.others?.length ? html`<p class="small quiet">${t('chat.place.oneOf', { n: place.others.length + 1 })}</p>` : nothing}
      ${[place.stages, ...place.others ?? []].map(line)}`)}
  </section>`;
}

function line(stages) {
  return html`<ol class="stages">
    ${stages.map((stage, index) => html`
      <li class=${`stage ${role(index, stages.length)}`} ${ref(element => element && widen(element, stage))}>
        <strong>${stage.host || stage.worker}</strong>
        <span class="small">${t('chat.place.layers', { first: stage.first + 1, last: stage.last })}</span>
        ${stage.host && stage.host !== stage.worker ? html`<span class="small quiet worker">${stage.worker}</span>` : nothing}
      </li>`)}
  </ol>
  <p class="small quiet">${t('chat.place.note', { n: stages.length, layers: stages.at(-1).last })}</p>`;
}

/** Set from here, as the policy of the page allows no style in its text. */
function widen(element, { first, last }) {
  element.style.flexGrow = String(last - first);
}

function role(index, count) {
  if (index === 0) return 'head';
  return index === count - 1 ? 'tail' : 'middle';
}
