import { toUnits } from './row.ts';

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

/** The text that is being cut into rows, and where its lines and quotes end. */
export class OpenText {
  text = '';
  /** Of the text: an array gives them several times as fast. */
  units: Uint16Array = new Uint16Array();
  readonly #delimiter: number;
  readonly #quote: string;
  readonly #quoteUnit: number;
  readonly #unitsOf: (text: string) => Uint16Array;
  // Positions found once serve for all rows before them; Infinity when there are no more in the text.
  #feed = -1;
  #carriage = -1;
  #mark = -1;

  constructor(delimiter: string, quote: string, unitsOf: ((text: string) => Uint16Array) | undefined) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#quote = quote;
    this.#quoteUnit = quote.charCodeAt(0);
    this.#unitsOf = unitsOf ?? toUnits;
  }

  get length(): number {
    return this.text.length;
  }

  open(text: string): void {
    this.text = text;
    this.units = this.#unitsOf(text);
    this.rewind();
  }

  /** Before an earlier position than the last one is looked at. */
  rewind(): void {
    this.#feed = this.#carriage = this.#mark = -1;
  }

  /** Where the line that contains `from` ends: at its line end, or Infinity. */
  lineEnd(from: number): number {
    if (this.#feed < from) this.#feed = this.#find('\n', from);
    if (this.#carriage < from) this.#carriage = this.#find('\r', from);
    return Math.min(this.#feed, this.#carriage);
  }

  /** {@link OpenText.lineEnd} of any position, or the end of the text. */
  firstLineEnd(from: number): number {
    let at = from;
    while (at < this.text.length && !this.isLineEnd(at)) at += 1;
    return at;
  }

  delimiters(start: number, end: number): number {
    let count = 0;
    for (let at = start; at < end; at += 1) if (this.units[at] === this.#delimiter) count += 1;
    return count;
  }

  afterLineEnd(end: number): number {
    const { units } = this;
    return end + (units[end] === CARRIAGE_RETURN && units[end + 1] === LINE_FEED ? 2 : 1);
  }

  /** Whether the text ends with the first half of what may be CRLF. */
  endsWithin(end: number): boolean {
    return end === this.text.length - 1 && this.units[end] === CARRIAGE_RETURN;
  }

  /** The next quote; positions must not fall. */
  nextQuote(from: number): number {
    if (this.#mark < from) this.#mark = this.#find(this.#quote, from);
    return this.#mark;
  }

  /** @param open where the cell's opening quote is */
  closingQuote(open: number): number {
    for (let from = open + 1; ;) {
      const found = this.#find(this.#quote, from);
      if (this.units[found + 1] !== this.#quoteUnit) return found;
      from = found + 2;
    }
  }

  isQuote(at: number): boolean {
    return this.units[at] === this.#quoteUnit;
  }

  /** A delimiter, a line end, or the end of the text. */
  isCellEnd(at: number): boolean {
    const unit = this.units[at];
    return (
      unit === this.#delimiter || unit === LINE_FEED || unit === CARRIAGE_RETURN || at >= this.text.length
    );
  }

  isLineEnd(at: number): boolean {
    const unit = this.units[at];
    return unit === LINE_FEED || unit === CARRIAGE_RETURN;
  }

  cellEnd(from: number): number {
    let at = from;
    while (!this.isCellEnd(at)) at += 1;
    return at;
  }

  afterSpaces(from: number): number {
    const { units } = this;
    let at = from;
    while ((units[at] === SPACE || units[at] === TAB) && units[at] !== this.#delimiter) at += 1;
    return at;
  }

  #find(what: string, from: number): number {
    const found = this.text.indexOf(what, from);
    return found === -1 ? Infinity : found;
  }
}
