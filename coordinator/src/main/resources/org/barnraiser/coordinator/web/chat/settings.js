/**
 * The sliders, each with the request's parameter that it sets. A value that equals off is not sent, so that the server's own
 * default holds.
 */
export const SLIDERS = [
  { name: 'temperature', least: 0, most: 1.5, step: 0.05, usual: 0.7 },
  { name: 'max_tokens', choices: [64, 256, 1024, 4096, null], usual: null, off: null },
  { name: 'top_p', least: 0.5, most: 1, step: 0.05, usual: 1, off: 1 },
  { name: 'repeat_penalty', least: 1, most: 1.3, step: 0.05, usual: 1, off: 1 },
];

/** The settings of a new conversation. */
export function usualSettings() {
  return {
    instructions: '',
    useMemory: false,
    model: '',
    sampling: Object.fromEntries(SLIDERS.map(({ name, usual }) => [name, usual])),
  };
}

/** Settings from a file or an older version: what is missing or strange becomes usual. */
export function checkedSettings(given) {
  const usual = usualSettings();
  const sampling = given?.sampling ?? {};
  return {
    instructions: typeof given?.instructions === 'string' ? given.instructions : '',
    useMemory: given?.useMemory === true,
    model: typeof given?.model === 'string' ? given.model : '',
    sampling: Object.fromEntries(SLIDERS.map((slider) => [slider.name,
      isPossible(slider, sampling[slider.name]) ? sampling[slider.name] : usual.sampling[slider.name]])),
  };
}

/** The parameters of a request. */
export function parameters(settings) {
  return Object.fromEntries(SLIDERS.map(({ name, off }) => [name, settings.sampling[name], off])
    .filter(([, value, off]) => value !== off).map(([name, value]) => [name, value]));
}

/** What the model is told before the conversation; empty if nothing. */
export function systemText(settings, memory, heading) {
  const parts = [settings.instructions.trim()];
  if (settings.useMemory && memory.length > 0) {
    parts.push(`${heading}\n${memory.map((each) => `- ${each}`).join('\n')}`);
  }
  return parts.filter((part) => part !== '').join('\n\n');
}

function isPossible({ least, most, choices }, value) {
  return choices ? choices.includes(value) : Number.isFinite(value) && value >= least && value <= most;
}
