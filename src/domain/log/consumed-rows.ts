import { fromColumnName, toColumnName, type RatingSchema } from '../dataset/rating-table.ts';
import { TABLE_BATCH_ROWS, type ColumnValues, type TableBatch, type TableSchema } from '../table.ts';
import { gather } from '../order.ts';
import { createByteCopies } from './bytes.ts';
import { OWN_VALUES, type ValueFormat } from './framed-value.ts';
import { createRatingParser } from './rating-record.ts';
import type { LogRecord } from './record.ts';

/** Rating records column by column: what is scored, and what a prediction says about its source. */
export interface ConsumedRows {
  readonly rows: number;
  /** Of each record, byte for byte; null where it has none, and where keys were not asked for. */
  readonly keys: readonly (Uint8Array | null)[];
  /** NaN where the producer sent none. */
  readonly rowIds: Float64Array;
  /** NaN where the rating is unknown. */
  readonly actual: Float64Array;
  readonly partitions: Int32Array;
  readonly offsets: Float64Array;
  /** One per feature. */
  readonly values: readonly Float64Array[];
}

const FIRST_CAPACITY = 256;

/**
 * Parses records into columns.
 *
 * @param options `keys`: whether to keep them; `capacity`: number of rows, if known; `format`: of values, else this
 *   project's own
 */
export function createRowCollector(
  topic: string,
  fields: RatingSchema,
  options: { readonly keys: boolean; readonly capacity?: number; readonly format?: ValueFormat },
) {
  let room = options.capacity ?? FIRST_CAPACITY;
  let rows = 0;
  const keys: (Uint8Array | null)[] = [];
  const copyOf = createByteCopies();
  let rowIds = new Float64Array(room);
  let actual = new Float64Array(room);
  let partitions = new Int32Array(room);
  let offsets = new Float64Array(room);
  let values = fields.features.map(() => new Float64Array(room));
  const parse = createRatingParser(topic, fields, options.format ?? OWN_VALUES);
  const parsed = new Float64Array(fields.features.length);

  function grow(): void {
    room = Math.max(FIRST_CAPACITY, 2 * room);
    rowIds = grown(rowIds, room);
    actual = grown(actual, room);
    partitions = grown(partitions, room);
    offsets = grown(offsets, room);
    values = values.map((column) => grown(column, room));
  }

  return {
    size: (): number => rows,

    /**
     * @returns undefined, or the id of a schema that has to be loaded first: then the row is not added
     * @throws MalformedRecord: the row is not added
     */
    add(record: LogRecord): number | undefined {
      const numbers = parse(record, parsed);
      if ('needs' in numbers) return numbers.needs;
      if (rows === room) grow();
      if (options.keys) keys.push(record.key && copyOf(record.key));
      rowIds[rows] = numbers.rowId;
      actual[rows] = numbers.actual;
      partitions[rows] = record.partition;
      offsets[rows] = record.offset;
      for (let f = 0; f < parsed.length; f += 1) (values[f] as Float64Array)[rows] = parsed[f] as number;
      rows += 1;
      return undefined;
    },

    /** Views of what was added. */
    rows: (): ConsumedRows => ({
      rows,
      keys,
      rowIds: rowIds.subarray(0, rows),
      actual: actual.subarray(0, rows),
      partitions: partitions.subarray(0, rows),
      offsets: offsets.subarray(0, rows),
      values: values.map((column) => column.subarray(0, rows)),
    }),
  };
}

function grown<Column extends Float64Array | Int32Array>(column: Column, length: number): Column {
  const longer = (column instanceof Int32Array ? new Int32Array(length) : new Float64Array(length)) as Column;
  longer.set(column);
  return longer;
}

/** Columns of the artifact that are no feature; they come before the features. */
export const consumedColumn = {
  row: '_row',
  partition: '_partition',
  offset: '_offset',
  key: '_key',
  actual: '_actual',
} as const;

export function consumedSchema(topic: string, features: readonly string[]): TableSchema {
  const { row, partition, offset, key, actual } = consumedColumn;
  return {
    columns: [
      { name: row, type: 'double' },
      { name: partition, type: 'integer' },
      { name: offset, type: 'double' },
      { name: key, type: 'bytes' },
      { name: actual, type: 'double' },
      ...features.map((feature) => ({ name: toColumnName(feature), type: 'double' }) as const),
    ],
    metadata: { topic },
  };
}

export function featuresOf({ columns }: TableSchema): readonly string[] {
  return columns.slice(Object.keys(consumedColumn).length).map(({ name }) => fromColumnName(name));
}

/** @param order row positions */
export function* toConsumedBatches(rows: ConsumedRows, order: Int32Array): Generator<TableBatch> {
  const { keys, rowIds, actual, partitions, offsets, values } = rows;
  for (let from = 0; from < order.length; from += TABLE_BATCH_ROWS) {
    const positions = order.subarray(from, from + TABLE_BATCH_ROWS);
    const columns: ColumnValues[] = [
      gather(rowIds, positions),
      gather(partitions, positions),
      gather(offsets, positions),
      Array.from(positions, (position) => keys[position] ?? null),
      gather(actual, positions),
      ...values.map((column) => gather(column, positions)),
    ];
    yield { rows: positions.length, columns };
  }
}
