const SIGNS_OF_LIFE = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart', 'scroll'];

/** Counts down while nobody does anything. */
export class Idle {
  #limitMillis;
  #lastSeen = Date.now();

  /**
   * @param {number} minutes
   * @param {(secondsLeft: number) => void} onSecond hears every second how much is left; 0 when the time is up, and then nothing more
   */
  constructor(minutes, onSecond) {
    this.#limitMillis = minutes * 60_000;
    for (const sign of SIGNS_OF_LIFE) {
      addEventListener(sign, () => { this.#lastSeen = Date.now(); }, { passive: true, capture: true });
    }
    const timer = setInterval(() => {
      const left = Math.max(0, Math.ceil((this.#lastSeen + this.#limitMillis - Date.now()) / 1000));
      if (left === 0) clearInterval(timer);
      onSecond(left);
    }, 1000);
  }
}
