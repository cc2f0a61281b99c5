/** Painting may take this part of the time at most, so that a slow machine stays usable. */
const BUSY_SHARE = 0.25;

/** Calls a function that paints once per animation frame at most, and less often where painting takes long. */
export class Painter {
  #paint;
  #frame = 0;
  #timer = 0;
  #notBefore = 0;

  constructor(paint) {
    this.#paint = paint;
  }

  /** Asks for painting soon. */
  request() {
    if (this.#frame || this.#timer) {
      return;
    }
    const wait = this.#notBefore - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = 0;
        this.request();
      }, wait);
      return;
    }
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const start = performance.now();
      this.#paint();
      const end = performance.now();
      this.#notBefore = end + (end - start) * (1 / BUSY_SHARE - 1);
    });
  }

  /** Forgets what was asked for. */
  cancel() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = 0;
    this.#timer = 0;
  }
}
