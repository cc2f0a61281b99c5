/** Numbers as people of the current language write them. */
import { locale, t } from './i18n.js';

/** What is not known. */
export const UNKNOWN = '–';

/**
 * @param {number} value
 * @param {number} [digits] after the point, at most
 */
export function number(value, digits = 0) {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** @param {number} share from 0 to 1 */
export function percent(share) {
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

/** @param {number} bytes 0 when unknown */
export function bytes(bytes) {
  if (!bytes) return UNKNOWN;
  if (bytes < 1e6) return t('unit.kilobytes', { n: number(bytes / 1e3) });
  if (bytes < 1e9) return t('unit.megabytes', { n: number(bytes / 1e6) });
  return t('unit.gigabytes', { n: number(bytes / 1e9, bytes < 1e10 ? 1 : 0) });
}

/** @param {number} millis 0 when unknown */
export function milliseconds(millis) {
  return millis ? t('unit.milliseconds', { n: number(millis, millis < 10 ? 1 : 0) }) : UNKNOWN;
}
