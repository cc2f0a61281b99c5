/**
 * The cluster's state, live.
 *
 * @typedef {{worker: string, first: number, last: number, pid: number, address: string, memoryBytes: number, busyShare: number,
 *   stepMillis: number, next?: {kind: string}}} Stage
 * @typedef {{worker: string, address: string, engine: string, usableMemoryBytes: number, hostName: string, state: string,
 *   note: string}} Worker
 * @typedef {{coordinator: string, httpAddress: string, leads: boolean}} Coordinator
 * @typedef {{running: number, waiting: number, paused: number, tokensPerSecond: number, generatedTokensTotal: number,
 *   takeoversTotal: number}} Activity
 * @typedef {{model: {name: string, digest: string, ready: boolean, reason: string},
 *   plan: {epoch: number, pipelines: {number: number, stages: Stage[]}[]}, workers: Worker[], coordinators: Coordinator[],
 *   activity: Activity, troubles: string[],
 *   models?: {name: string, ready: boolean, reason: string, plan: {epoch: number, pipelines: {number: number, stages: Stage[]}[]}}[]}} Cluster
 */

import { KeyedEvents } from '../shell/keyed-events.js';

/** The server asks watchers that it refuses to come back after so long. */
const RETRY_MILLIS = 30_000;

/**
 * Hears of the state at once and whenever it changes, while the page can be seen: browsers allow few connections to a server, and
 * pages in the background shall not take them. The browser connects again by itself.
 *
 * @param {(cluster: Cluster) => void} onState
 * @param {(connected: boolean) => void} onConnection
 */
export function watchCluster(onState, onConnection) {
  /** @type {EventSource | KeyedEvents | undefined} */
  let events;
  const close = () => {
    events?.close();
    events = undefined;
  };
  const open = () => {
    if (events || document.hidden) return;
    const Events = window.barnraiserKey.has() ? KeyedEvents : EventSource;
    const mine = events = new Events('/api/cluster/stream');
    mine.onopen = () => onConnection(true);
    mine.onmessage = event => onState(JSON.parse(event.data));
    mine.onerror = () => {
      if (mine !== events) return;
      onConnection(false);
      if (mine.readyState === EventSource.CLOSED) {
        close();
        setTimeout(open, RETRY_MILLIS);
      }
    };
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);
  open();
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
