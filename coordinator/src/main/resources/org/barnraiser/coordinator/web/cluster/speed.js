/** Tokens per second over the last hours: a line, and the same in one sentence. */
import { number } from '../shell/format.js';
import { locale, t } from '../shell/i18n.js';
import { script } from '../shell/script.js';

const REFRESH_MILLIS = 10_000;

/**
 * Draws and keeps drawing.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {(summary: string) => void} onSummary
 */
export async function drawHistory(canvas, onSummary) {
  await script('chart.js');
  const chart = new /** @type {any} */ (globalThis).Chart(canvas, {
    type: 'line',
    data: { datasets: [{ data: [], borderWidth: 1.5, pointRadius: 0, tension: 0.2 }] },
    options: {
      animation: false,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      events: [],
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
      scales: {
        x: { type: 'linear', grid: { display: false }, ticks: { maxTicksLimit: 7, maxRotation: 0, callback: clock } },
        y: { beginAtZero: true, suggestedMax: 1, ticks: { maxTicksLimit: 5, precision: 0 } },
      },
    },
  });
  const refresh = async () => {
    const response = await fetch('/api/cluster/history').catch(() => undefined);
    if (!response?.ok) return;
    const { samples } = await response.json();
    show(chart, samples);
    onSummary(summary(samples));
  };
  document.addEventListener('themechange', refresh);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', refresh);
  await refresh();
  setInterval(refresh, REFRESH_MILLIS);
}

/** @param {number} epochSeconds */
function clock(epochSeconds) {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(epochSeconds * 1000);
}

/**
 * @param {any} chart
 * @param {number[][]} samples
 */
function show(chart, samples) {
  const style = getComputedStyle(chart.canvas);
  const [line] = chart.data.datasets;
  line.data = samples.map(([x, y]) => ({ x, y }));
  line.borderColor = style.color;
  const quiet = getComputedStyle(chart.canvas.parentElement).color;
  const { x, y } = chart.options.scales;
  x.ticks.color = y.ticks.color = quiet;
  x.min = samples[0]?.[0];
  x.max = samples.at(-1)?.[0];
  y.grid = { color: style.borderColor };
  chart.update();
}

/** @param {number[][]} samples */
function summary(samples) {
  if (samples.length < 2) return t('cluster.historySoon');
  const most = samples.reduce((best, sample) => (sample[1] > best[1] ? sample : best));
  if (most[1] === 0) return t('cluster.historyQuiet', { since: clock(samples[0][0]) });
  const mean = samples.reduce((sum, sample) => sum + sample[1], 0) / samples.length;
  return t('cluster.historySummary', {
    since: clock(samples[0][0]), most: number(most[1], 1), at: clock(most[0]), mean: number(mean, 1),
  });
}
