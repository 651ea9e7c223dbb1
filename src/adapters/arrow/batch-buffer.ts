import {
  Binary,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Struct,
  Utf8,
  type Data,
  type Schema,
} from 'apache-arrow';
import {
  TABLE_BATCH_ROWS,
  type ColumnType,
  type ColumnValues,
  type TableBatch,
  type TableSchema,
} from '../../domain/table.ts';

/** A batch of fewer rows is cut when its texts and bytes have this length: Arrow's offsets and memory are bounded. */
const MAX_BATCH_LENGTH = 16_777_216;

/**
 * Collects rows into the batches of a file. Where one is cut depends on the rows alone, so equal rows give equal
 * bytes. All values are copied: Arrow writes a corrupt file when two columns share an array.
 */
export class BatchBuffer {
  readonly #schema: Schema;
  readonly #columns: readonly ColumnBuffer[];
  #rows = 0;
  #length = 0;

  constructor(schema: Schema, { columns }: TableSchema) {
    this.#schema = schema;
    this.#columns = columns.map(({ type }) => createColumnBuffer(type));
  }

  get rows(): number {
    return this.#rows;
  }

  /** @returns the row after the last one that was taken; less than `batch.rows` when the buffer is full */
  append(batch: TableBatch, from: number): number {
    const to = this.#fit(batch, from);
    this.#columns.forEach((column, c) => {
      column.append(batch.columns[c] as ColumnValues, from, to);
    });
    this.#rows += to - from;
    return to;
  }

  get full(): boolean {
    return this.#rows === TABLE_BATCH_ROWS || this.#length >= MAX_BATCH_LENGTH;
  }

  /** The batch is valid until the next call of {@link append}. */
  take(): RecordBatch {
    const children = this.#columns.map((column) => column.take());
    const data = makeData({
      type: new Struct(this.#schema.fields),
      length: this.#rows,
      nullCount: 0,
      children,
    });
    this.#rows = 0;
    this.#length = 0;
    return new RecordBatch(this.#schema, data);
  }

  #fit({ rows, columns }: TableBatch, from: number): number {
    const last = Math.min(rows, from + TABLE_BATCH_ROWS - this.#rows);
    const sized = columns.filter((values) => Array.isArray(values)) as (readonly (
      string | Uint8Array | null
    )[])[];
    let row = from;
    for (; row < last && this.#length < MAX_BATCH_LENGTH; row += 1) {
      for (const values of sized) this.#length += values[row]?.length ?? 0;
    }
    return row;
  }
}

interface ColumnBuffer {
  append(values: ColumnValues, from: number, to: number): void;
  /** What was appended; valid until the next append. */
  take(): Data;
}

function createColumnBuffer(type: ColumnType): ColumnBuffer {
  switch (type) {
    case 'double':
      return new DoubleBuffer();
    case 'integer':
      return new IntegerBuffer();
    case 'text':
      return new SizedBuffer(new Utf8());
    case 'bytes':
      return new SizedBuffer(new Binary());
  }
}

class DoubleBuffer implements ColumnBuffer {
  readonly #values = new Float64Array(TABLE_BATCH_ROWS);
  readonly #validity = new Validity();
  #rows = 0;

  append(values: ColumnValues, from: number, to: number): void {
    const doubles = values as Float64Array;
    this.#values.set(doubles.subarray(from, to), this.#rows);
    for (let row = from; row < to; row += 1) {
      if (Number.isNaN(doubles[row])) {
        this.#validity.missing(this.#rows + row - from);
        // There are many NaNs. Equal tables have equal bytes.
        this.#values[this.#rows + row - from] = Number.NaN;
      }
    }
    this.#rows += to - from;
  }

  take(): Data {
    const length = this.#rows;
    this.#rows = 0;
    return makeData({
      type: new Float64(),
      length,
      data: this.#values.subarray(0, length),
      ...this.#validity.take(length),
    });
  }
}

class IntegerBuffer implements ColumnBuffer {
  readonly #values = new Int32Array(TABLE_BATCH_ROWS);
  #rows = 0;

  append(values: ColumnValues, from: number, to: number): void {
    this.#values.set((values as Int32Array).subarray(from, to), this.#rows);
    this.#rows += to - from;
  }

  take(): Data {
    const length = this.#rows;
    this.#rows = 0;
    return makeData({ type: new Int32(), length, nullCount: 0, data: this.#values.subarray(0, length) });
  }
}

const BYTES_PER_CHAR = 3;
const FIRST_BYTES = 65_536;

/** Texts as UTF-8, and bytes. */
class SizedBuffer implements ColumnBuffer {
  readonly #type: Utf8 | Binary;
  readonly #offsets = new Int32Array(TABLE_BATCH_ROWS + 1);
  readonly #validity = new Validity();
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #used = 0;
  #rows = 0;

  constructor(type: Utf8 | Binary) {
    this.#type = type;
  }

  append(values: ColumnValues, from: number, to: number): void {
    const cells = values as readonly (string | Uint8Array | null)[];
    for (let row = from; row < to; row += 1) {
      const cell = cells[row] ?? null;
      if (cell === null) this.#validity.missing(this.#rows);
      else if (typeof cell === 'string') this.#appendText(cell);
      else this.#appendBytes(cell);
      this.#rows += 1;
      this.#offsets[this.#rows] = this.#used;
    }
  }

  take(): Data {
    const length = this.#rows;
    const data = this.#bytes.subarray(0, this.#used);
    const valueOffsets = this.#offsets.subarray(0, length + 1);
    this.#rows = 0;
    this.#used = 0;
    const parts = { length, data, valueOffsets, ...this.#validity.take(length) };
    return this.#type instanceof Utf8
      ? makeData({ type: this.#type, ...parts })
      : makeData({ type: this.#type, ...parts });
  }

  #appendText(text: string): void {
    this.#reserve(text.length * BYTES_PER_CHAR);
    this.#used += this.#bytes.write(text, this.#used, 'utf8');
  }

  #appendBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}

/** Arrow's bitmap: a bit is set when the value is there. */
class Validity {
  readonly #bits = new Uint8Array(TABLE_BATCH_ROWS / 8).fill(255);
  #missing = 0;
  #taken = false;

  missing(row: number): void {
    if (this.#taken) this.#bits.fill(255);
    this.#taken = false;
    this.#bits[row >> 3] = (this.#bits[row >> 3] as number) & ~(1 << (row & 7));
    this.#missing += 1;
  }

  take(rows: number): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
    const nullCount = this.#missing;
    this.#missing = 0;
    this.#taken = true;
    if (nullCount === 0) return { nullCount };
    return { nullCount, nullBitmap: this.#bits.slice(0, (rows + 7) >> 3) };
  }
}
