import { t } from '../shell/i18n.js';

const OWN = ['simply', 'write', 'translate', 'summarise', 'ideas'];

/**
 * What the host set about the pages.
 *
 * @returns {Promise<{welcome: object, presets: object[]}>} without presets: ours are meant
 */
export async function branding() {
  try {
    const { welcome, presets } = await (await fetch('/api/branding', { cache: 'no-store' })).json();
    return { welcome: welcome ?? {}, presets: presets ?? [] };
  } catch {
    return { welcome: {}, presets: [] };
  }
}

/** The page's own presets, in the current language alone. */
export function ownPresets() {
  return OWN.map(name => ({
    name: { en: t(`chat.preset.${name}`) },
    instructions: { en: t(`chat.preset.${name}Instructions`) },
  }));
}
