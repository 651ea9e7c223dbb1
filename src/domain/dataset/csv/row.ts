const FIRST_CELLS = 64;

/**
 * The cells of a row as places in a text, because a string for each of them costs more than to read it. One row is filled
 * again and again.
 */
export class Row {
  /** The UTF-16 units of the text. */
  units: Uint16Array = new Uint16Array();
  starts = new Int32Array(FIRST_CELLS);
  ends = new Int32Array(FIRST_CELLS);
  length = 0;
  #text = '';

  /** Forgets its cells; the next ones are in this text. */
  begin(text: string, units: Uint16Array): void {
    this.#text = text;
    this.units = units;
    this.length = 0;
  }

  push(start: number, end: number): void {
    if (this.length === this.starts.length) this.#grow();
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.length += 1;
  }

  /** Takes cells that are in no text. */
  own(cells: readonly string[]): void {
    const text = cells.join('');
    this.begin(text, toUnits(text));
    let start = 0;
    for (const { length } of cells) this.push(start, (start += length));
  }

  /** Turns doubled quotes of the given cells into one. */
  unquote(indexes: readonly number[], quote: string): void {
    if (!indexes.some((index) => this.cell(index).includes(quote))) return;
    const cells = this.cells();
    for (const index of indexes) cells[index] = this.cell(index).replaceAll(quote + quote, quote);
    this.own(cells);
  }

  cell(index: number): string {
    return this.#text.slice(this.starts[index], this.ends[index]);
  }

  cells(): string[] {
    return Array.from({ length: this.length }, (_, index) => this.cell(index));
  }

  isEmpty(index: number): boolean {
    const start = this.starts[index] as number;
    if (start === this.ends[index]) return true;
    const first = this.units[start] as number;
    return !isVisibleAscii(first) && isEmpty(this.cell(index));
  }

  isBlank(): boolean {
    for (let index = 0; index < this.length; index += 1) if (!this.isEmpty(index)) return false;
    return true;
  }

  longest(): number {
    let longest = 0;
    for (let index = 0; index < this.length; index += 1) {
      longest = Math.max(longest, (this.ends[index] as number) - (this.starts[index] as number));
    }
    return longest;
  }

  /** Removes empty cells at the end of a row that has more than `width`, as a trailing delimiter leaves them. */
  dropEmptyEnd(width: number): void {
    while (this.length > width && this.isEmpty(this.length - 1)) this.length -= 1;
  }

  /** Cells that a short row lacks are empty. */
  fillUp(width: number): void {
    while (this.length < width) this.push(0, 0);
  }

  #grow(): void {
    const { starts, ends } = this;
    this.starts = new Int32Array(2 * starts.length);
    this.ends = new Int32Array(2 * ends.length);
    this.starts.set(starts);
    this.ends.set(ends);
  }
}

export function isEmpty(cell: string): boolean {
  return cell === '' || cell.trim() === '';
}

/** UTF-16 units, which an array gives several times as fast as a string does. */
export function toUnits(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at += 1) units[at] = text.charCodeAt(at);
  return units;
}

function isVisibleAscii(unit: number): boolean {
  return unit > 32 && unit < 127;
}
