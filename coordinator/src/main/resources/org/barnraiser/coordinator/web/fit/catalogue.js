/** Machines and models to try out; rough figures for typical ones, so that nobody has to look them up. */

/**
 * What a machine of a kind lends (a part stays for its owner), and how fast it reads memory.
 *
 * @typedef {{key: string, memoryGigabytes: number, bandwidthGigabytes: number}} Kind
 * @type {Kind[]}
 */
export const KINDS = [
  { key: 'officePc', memoryGigabytes: 12, bandwidthGigabytes: 40 },
  { key: 'bigPc', memoryGigabytes: 26, bandwidthGigabytes: 60 },
  { key: 'workstation', memoryGigabytes: 110, bandwidthGigabytes: 75 },
  { key: 'macMini', memoryGigabytes: 11, bandwidthGigabytes: 120 },
  { key: 'macStudio', memoryGigabytes: 48, bandwidthGigabytes: 400 },
  { key: 'card12', memoryGigabytes: 11, bandwidthGigabytes: 360 },
  { key: 'card24', memoryGigabytes: 22, bandwidthGigabytes: 930 },
];

/**
 * Sizes of models that people run; with `activeBillions` for mixtures of experts.
 *
 * @typedef {{name: string, billions: number, activeBillions?: number, layers: number}} Size
 * @type {Size[]}
 */
export const SIZES = [
  { name: '1 B', billions: 1.2, layers: 16 },
  { name: '8 B', billions: 8, layers: 32 },
  { name: '14 B', billions: 14.8, layers: 40 },
  { name: '32 B', billions: 32.8, layers: 64 },
  { name: '70 B', billions: 70.6, layers: 80 },
  { name: '30 B · 3 B', billions: 30.5, activeBillions: 3.3, layers: 48 },
  { name: '117 B · 5 B', billions: 117, activeBillions: 5.1, layers: 36 },
  { name: '235 B · 22 B', billions: 235, activeBillions: 22, layers: 94 },
];

/** Bits per parameter of common quantisations, with what their scales add. */
export const QUANTISATIONS = [
  { name: 'Q3', bits: 3.9 },
  { name: 'Q4', bits: 4.85 },
  { name: 'Q5', bits: 5.7 },
  { name: 'Q6', bits: 6.6 },
  { name: 'Q8', bits: 8.5 },
  { name: 'F16', bits: 16 },
];
