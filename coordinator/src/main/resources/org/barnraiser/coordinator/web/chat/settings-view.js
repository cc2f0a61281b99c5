import { html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { local, t } from '../shell/i18n.js';
import { number } from '../shell/format.js';
import { ICONS } from './icons.js';
import { SLIDERS } from './settings.js';

/**
 * The settings of one conversation, and the list of things to remember.
 *
 * @param {object} settings
 * @param {string[]} memory
 * @param {object[]} presets as /api/branding has them
 * @param {{id: string}[]} models that are hosted
 * @param {object} actions
 */
export function settingsView(settings, memory, presets, models, actions) {
  const change = actions.changeSettings;
  return html`
    <fieldset>
      <legend>${t('chat.settings.instructions')}</legend>
      ${presetsView(presets, settings, change)}
      <label for="instructions" class="small quiet">${t('chat.settings.instructionsNote')}</label>
      <textarea id="instructions" rows="4" .value=${live(settings.instructions)}
        @change=${event => change({ instructions: event.target.value })}></textarea>
    </fieldset>
    <fieldset>
      <legend>${t('chat.settings.how')}</legend>
      ${models.length > 1 ? modelView(settings.model, models, change) : nothing}
      ${SLIDERS.map(slider => sliderView(slider, settings.sampling[slider.name],
        value => change({ sampling: { [slider.name]: value } })))}
    </fieldset>
    <fieldset>
      <legend>${t('chat.memory.title')}</legend>
      <p class="small quiet">${t('chat.memory.note')}</p>
      <label class="check"><input type="checkbox" .checked=${live(settings.useMemory)}
        @change=${event => change({ useMemory: event.target.checked })}> ${t('chat.memory.use')}</label>
      ${memoryView(memory, actions)}
    </fieldset>`;
}

/** Which model answers; one that is gone stays chosen until the reader chooses another. */
function modelView(chosen, models, change) {
  const names = models.map(({ id }) => id);
  const all = chosen && !names.includes(chosen) ? [chosen, ...names] : names;
  return html`<p><label for="model">${t('chat.settings.model')}</label>
    <select id="model" @change=${event => change({ model: event.target.value })}>
      ${all.map((id, index) => html`<option value=${id} .selected=${live(chosen ? id === chosen : index === 0)}>${id}</option>`)}
    </select></p>`;
}

/** Ways to begin a conversation; the one that is in force is marked. */
export function presetsView(presets, settings, change) {
  return html`<div class="presets" role="group" aria-label=${t('chat.preset.title')}>
    ${presets.map(preset => {
      const instructions = local(preset.instructions);
      const chosen = settings.instructions === instructions;
      return html`<button type="button" class="preset" aria-pressed=${chosen}
        @click=${() => change({ instructions: chosen ? '' : instructions })}>${local(preset.name)}</button>`;
    })}
  </div>`;
}

/** What is chosen in words; the exact parameter on hover, on focus, and for screen readers. */
function sliderView(slider, value, set) {
  const { name, choices } = slider;
  const exact = value === slider.off ? t('chat.settings.notSent', { name }) : `${name} = ${value}`;
  const position = choices ? choices.indexOf(value) : value;
  return html`
    <div class="slider">
      <label for=${name}>${t(`chat.settings.${name}`)}</label>
      <output for=${name}>${inWords(slider, value)}</output>
      <input id=${name} type="range" min=${choices ? 0 : slider.least} max=${choices ? choices.length - 1 : slider.most}
        step=${choices ? 1 : slider.step} .value=${live(String(position))} title=${exact} aria-describedby=${`${name}-exact`}
        aria-valuetext=${inWords(slider, value)}
        @input=${event => set(choices ? choices[Number(event.target.value)] : Number(event.target.value))}>
      <span class="ends small quiet" aria-hidden="true"><span>${t(`chat.settings.${name}Least`)}</span><span>${t(`chat.settings.${name}Most`)}</span></span>
      <span class="exact small" id=${`${name}-exact`}><code>${exact}</code></span>
    </div>`;
}

function inWords({ name, choices, least, most, off }, value) {
  if (choices) {
    return value === off ? t('chat.settings.asLong') : t('chat.settings.words', { n: number(Math.round(value * 0.75)) });
  }
  const step = Math.min(2, Math.floor(3 * (value - least) / (most - least)));
  return t(`chat.settings.${name}${['Low', 'Middle', 'High'][step]}`);
}

function memoryView(memory, actions) {
  const add = event => {
    event.preventDefault();
    const field = event.target.elements.thing;
    if (field.value.trim() !== '') actions.setMemory([...memory, field.value.trim()]);
    field.value = '';
  };
  return html`
    <ul class="memory">${memory.map((thing, index) => html`<li>
      <input aria-label=${t('chat.memory.entry', { n: index + 1 })} maxlength="500" .value=${live(thing)}
        @change=${event => actions.setMemory(memory.with(index, event.target.value).filter(each => each.trim() !== ''))}>
      <button type="button" class="plain" aria-label=${t('chat.memory.forget', { thing })} @click=${() => actions.setMemory(memory.toSpliced(index, 1))}>${ICONS.close}</button>
    </li>`)}</ul>
    <form class="row" @submit=${add}>
      <input name="thing" autocomplete="off" maxlength="500" aria-label=${t('chat.memory.new')} placeholder=${t('chat.memory.example')}>
      <button type="submit">${t('chat.memory.add')}</button>
    </form>`;
}
