/** The commands that lend a machine, for each operating system. */

/**
 * What to do on a system before the worker can start, and the worker's own command. `{zk}` and the reader's choices are filled in;
 * the machine's address is asked of the system itself.
 *
 * @typedef {{key: 'linux' | 'mac' | 'windows', install: string, address: string}} System
 * @type {System[]}
 */
export const SYSTEMS = [
  { key: 'linux', install: 'sudo apt install openjdk-25-jdk maven', address: '$(hostname -I | cut -d" " -f1)' },
  { key: 'mac', install: 'brew install openjdk@25 maven', address: '$(ipconfig getifaddr en0)' },
  { key: 'windows', install: 'wsl --install', address: '$(hostname -I | cut -d" " -f1)' },
];

/** The system this browser runs on, most likely. */
export function likelySystem() {
  const platform = /** @type {any} */ (navigator).userAgentData?.platform ?? navigator.platform;
  if (/mac/i.test(platform)) return 'mac';
  return /win/i.test(platform) ? 'windows' : 'linux';
}

/**
 * @param {System} system
 * @param {{zooKeeper: string, name: string, gigabytes: number | undefined}} choices
 */
export function workerCommand(system, { zooKeeper, name, gigabytes }) {
  const parts = ['./barn worker', `--zookeeper ${zooKeeper}`, '--join INVITATION', `--listen ${system.address}:7070`];
  if (gigabytes) parts.push(`--memory ${gigabytes}G`);
  if (name) parts.push(`--name ${name}`);
  return parts.join(' \\\n  ');
}

/**
 * What a name may be made of, so that it can be pasted into a shell as it is.
 *
 * @param {string} name
 */
export function plainName(name) {
  return name.trim().replace(/\s+/g, '-').replace(/[^A-Za-z0-9._-]/g, '').slice(0, 60);
}
