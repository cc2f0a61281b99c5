/** The page "Will it fit?": a model, machines, and what the planner says to them. */
import { html, nothing, render } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { number } from '../shell/format.js';
import { language, onLanguage, t } from '../shell/i18n.js';
import { answer } from './answer.js';
import { KINDS, QUANTISATIONS, SIZES } from './catalogue.js';
import { addMachine, ask, question } from './question.js';

const main = /** @type {HTMLElement} */ (document.getElementById('main'));

/** @type {import('./question.js').Fit | undefined} */
let fit;
let trouble = '';
/** Answers may overtake each other; only the newest question's counts. */
let asked = 0;

function show() {
  render(html`<div class="wide fit">
    <h1>${t('fit.title')}</h1>
    <p class="lead">${t('fit.intro')}</p>
    <form @submit=${event => event.preventDefault()}>
      <div class="sides">${modelSide()}${machineSide()}</div>
    </form>
    <section aria-live="polite" aria-labelledby="answer" id="result">
      <h2 id="answer">${t('fit.answer')}</h2>
      ${trouble ? html`<p class="note bad">${trouble}</p>` : fit ? answer(fit) : nothing}
    </section>
  </div>`, main);
}

function modelSide() {
  const preset = SIZES.findIndex(size => size.billions === question.billions && size.layers === question.layers
    && (size.activeBillions ?? size.billions) === question.activeBillions);
  return html`<fieldset class="sheet"><legend>${t('fit.model')}</legend>
    ${choice('model', 'loaded', t('fit.loadedModel'))}
    ${choice('model', 'sizes', t('fit.otherModel'))}
    ${question.model === 'loaded' ? nothing : html`
      <label for="preset">${t('fit.size')}
        <select id="preset" .value=${live(String(preset))} @change=${event => choosePreset(Number(event.target.value))}>
          ${SIZES.map((size, i) => html`<option value=${i} ?selected=${i === preset}>${size.activeBillions
            ? t('fit.sizeExperts', { all: number(size.billions, 0), active: number(size.activeBillions, 0) })
            : t('fit.sizePlain', { all: number(size.billions, size.billions < 2 ? 1 : 0) })}</option>`)}
          <option value="-1" ?selected=${preset < 0}>${t('fit.sizeOwn')}</option>
        </select></label>
      <label for="bits">${t('fit.bits')}
        <select id="bits" @change=${event => set('bits', Number(event.target.value))}>
          ${QUANTISATIONS.map(({ name, bits }) => html`<option value=${bits} ?selected=${bits === question.bits}>${
            t('fit.bitsOf', { name, bits: number(bits, 1) })}</option>`)}
        </select></label>
      <div class="numbers">
        ${numberField('contextTokens', t('fit.context'), 256, 1048576, 1)}
        ${numberField('slots', t('fit.slots'), 1, 64, 1)}
      </div>
      <details ?open=${preset < 0}><summary>${t('fit.exactly')}</summary>
        <div class="numbers">
          ${numberField('billions', t('fit.billions'), 0.1, 2000, 'any')}
          ${numberField('activeBillions', t('fit.activeBillions'), 0.1, 2000, 'any')}
          ${numberField('layers', t('fit.layers'), 1, 500, 1)}
        </div></details>`}
  </fieldset>`;
}

function machineSide() {
  return html`<fieldset class="sheet"><legend>${t('fit.machines')}</legend>
    ${choice('machines', 'cluster', t('fit.clusterMachines'))}
    ${choice('machines', 'madeUp', t('fit.madeUpMachines'))}
    ${question.machines === 'cluster' ? nothing : html`
      <ul class="made-up">${question.madeUp.map((machine, i) => html`<li>
        <span>${machine.name}</span>
        ${machineNumber(i, 'memoryGigabytes', t('fit.memoryOf', { name: machine.name }), t('fit.gigabytes'))}
        ${machineNumber(i, 'bandwidthGigabytes', t('fit.bandwidthOf', { name: machine.name }), t('fit.gigabytesPerSecond'))}
        <button type="button" class="plain" aria-label=${t('fit.remove', { name: machine.name })}
          @click=${() => { question.madeUp.splice(i, 1); update(); }}>✕</button></li>`)}</ul>
      <div class="adding">${KINDS.map(({ key }) => html`<button type="button" class="small" @click=${() => {
        addMachine(key, t(`fit.kind.${key}`));
        update();
      }}>+ ${t(`fit.kind.${key}`)}</button>`)}</div>
      <p class="quiet small">${t('fit.kindsAreRough')}</p>`}
  </fieldset>`;
}

/**
 * @param {'model' | 'machines'} field
 * @param {string} value
 * @param {string} words
 */
function choice(field, value, words) {
  return html`<label class="choice"><input type="radio" name=${field} value=${value}
    .checked=${live(question[field] === value)} @change=${() => set(field, value)}> ${words}</label>`;
}

/**
 * @param {'billions' | 'activeBillions' | 'layers' | 'contextTokens' | 'slots'} field
 * @param {string} words
 * @param {number} min
 * @param {number} max
 * @param {number | 'any'} step
 */
function numberField(field, words, min, max, step) {
  return html`<label>${words}<input type="number" min=${min} max=${max} step=${step} required lang=${language()}
    .value=${live(String(question[field]))} @change=${event => {
      if (event.target.reportValidity()) set(field, event.target.valueAsNumber);
    }}></label>`;
}

/**
 * @param {number} index
 * @param {'memoryGigabytes' | 'bandwidthGigabytes'} field
 * @param {string} label
 * @param {string} unit
 */
function machineNumber(index, field, label, unit) {
  return html`<span class="with-unit"><input type="number" min="0.5" max="10000" step="any" required aria-label=${label}
    .value=${live(String(question.madeUp[index][field]))} @change=${event => {
      if (!event.target.reportValidity()) return;
      question.madeUp[index][field] = event.target.valueAsNumber;
      update();
    }}> ${unit}</span>`;
}

/** @param {number} index */
function choosePreset(index) {
  const size = SIZES[index];
  if (!size) return;
  question.billions = size.billions;
  question.activeBillions = size.activeBillions ?? size.billions;
  question.layers = size.layers;
  update();
}

/**
 * @param {string} field
 * @param {string | number} value
 */
function set(field, value) {
  // A model whose every parameter is used stays one.
  if (field === 'billions' && question.activeBillions === question.billions) question.activeBillions = Number(value);
  /** @type {any} */ (question)[field] = value;
  update();
}

async function update() {
  show();
  const mine = ++asked;
  if (question.machines === 'madeUp' && !question.madeUp.length) {
    fit = undefined;
    trouble = t('fit.noMachines');
  } else {
    try {
      const found = await ask();
      if (mine !== asked) return;
      [fit, trouble] = [found, ''];
    } catch (error) {
      if (mine !== asked) return;
      [fit, trouble] = [undefined, error instanceof TypeError ? t('fit.serverAway') : error.message];
    }
  }
  show();
}

onLanguage(show);
addMachine('officePc', t('fit.kind.officePc'));
addMachine('card12', t('fit.kind.card12'));
await update();
