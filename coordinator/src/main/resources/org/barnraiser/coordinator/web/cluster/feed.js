/**
 * The cluster's state, live.
 *
 * @typedef {{worker: string, first: number, last: number, pid: number, address: string, memoryBytes: number, busyShare: number,
 *   stepMillis: number}} Stage
 * @typedef {{worker: string, address: string, engine: string, usableMemoryBytes: number, hostName: string, state: string,
 *   note: string}} Worker
 * @typedef {{coordinator: string, httpAddress: string, leads: boolean}} Coordinator
 * @typedef {{running: number, waiting: number, paused: number, tokensPerSecond: number, generatedTokensTotal: number,
 *   takeoversTotal: number}} Activity
 * @typedef {{model: {name: string, digest: string, ready: boolean, reason: string},
 *   plan: {epoch: number, pipelines: {stages: Stage[]}[]}, workers: Worker[], coordinators: Coordinator[],
 *   activity: Activity, troubles: string[]}} Cluster
 */

/**
 * Hears of the state at once and whenever it changes, until the page is left. The browser connects again by itself.
 *
 * @param {(cluster: Cluster) => void} onState
 * @param {(connected: boolean) => void} onConnection
 */
export function watchCluster(onState, onConnection) {
  const events = new EventSource('/api/cluster/stream');
  events.onopen = () => onConnection(true);
  events.onerror = () => {
    onConnection(false);
    // A refusal ends an EventSource for good; the server asks to be left alone for a while.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => watchCluster(onState, onConnection), 30_000);
  };
  events.onmessage = event => onState(JSON.parse(event.data));
  addEventListener('pagehide', () => events.close(), { once: true });
  addEventListener('pageshow', event => {
    if (event.persisted) watchCluster(onState, onConnection);
  }, { once: true });
}

/**
 * What a stage is called by its place.
 *
 * @param {number} index
 * @param {number} count
 * @returns {'whole' | 'head' | 'middle' | 'tail'}
 */
export function role(index, count) {
  if (count === 1) return 'whole';
  if (index === 0) return 'head';
  return index === count - 1 ? 'tail' : 'middle';
}
