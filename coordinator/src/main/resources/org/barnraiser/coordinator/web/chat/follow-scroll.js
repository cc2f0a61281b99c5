/** So near to the end, the reader reads along. */
const NEAR_PIXELS = 48;

/** Keeps the end of a growing text in sight while the reader reads along, and leaves the page alone once they scroll back. */
export class FollowScroll {
  #box;
  #last = 0;
  following = true;

  /**
   * @param {HTMLElement} box what scrolls
   * @param {() => void} onChange hears when following begins or ends
   */
  constructor(box, onChange) {
    this.#box = box;
    box.addEventListener('scroll', () => {
      const before = this.following;
      if (box.scrollTop < this.#last) this.following = this.#nearEnd();
      else if (this.#nearEnd()) this.following = true;
      this.#last = box.scrollTop;
      if (before !== this.following) onChange();
    }, { passive: true });
  }

  /** The text has grown. */
  grown() {
    if (this.following) this.toEnd();
  }

  toEnd() {
    this.following = true;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#last = this.#box.scrollTop;
  }

  #nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight < NEAR_PIXELS;
  }
}
