const FIRST_BYTES = 64;

/** Rows of a column, a bit for each. */
export class PositionSet {
  #bits: Uint8Array = new Uint8Array();

  add(position: number): void {
    const at = position >> 3;
    if (at >= this.#bits.length) {
      const old = this.#bits;
      this.#bits = new Uint8Array(Math.max(FIRST_BYTES, 2 * at));
      this.#bits.set(old);
    }
    this.#bits[at] = (this.#bits[at] as number) | (1 << (position & 7));
  }

  has(position: number): boolean {
    return ((this.#bits[position >> 3] ?? 0) & (1 << (position & 7))) !== 0;
  }
}
