import type { TableBatch, TableSchema } from '../table.ts';
import { fromJsonBytes, toJsonBytes, type JsonBytes } from './bytes.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { CutParts } from './record.ts';

export const DEAD_LETTER_SCHEMA: TableSchema = {
  columns: [
    { name: 'partition', type: 'integer' },
    { name: 'offset', type: 'double' },
    { name: 'timestamp', type: 'text' },
    { name: 'key', type: 'bytes' },
    { name: 'value', type: 'bytes' },
    // JSON: `[[name, JsonBytes]]`
    { name: 'headers', type: 'text' },
    // JSON of CutParts
    { name: 'cut', type: 'text' },
    { name: 'errorType', type: 'text' },
    { name: 'errorMessage', type: 'text' },
  ],
};

/** Of a batch; the records are as large as `stream.microBatchBytes` allows, so few are held at a time. */
const ROWS_AT_A_TIME = 64;

export function* toDeadLetterBatches(deadLetters: readonly DeadLetter[]): Generator<TableBatch> {
  for (let from = 0; from < deadLetters.length; from += ROWS_AT_A_TIME) {
    const some = deadLetters.slice(from, from + ROWS_AT_A_TIME);
    yield {
      rows: some.length,
      columns: [
        Int32Array.from(some, ({ partition }) => partition),
        Float64Array.from(some, ({ offset }) => offset),
        some.map(({ timestamp }) => timestamp),
        some.map(({ key }) => key),
        some.map(({ value }) => value),
        some.map(({ headers }) => JSON.stringify(headers.map(([name, bytes]) => [name, toJsonBytes(bytes)]))),
        some.map(({ cut }) => (cut ? JSON.stringify(cut) : null)),
        some.map(({ errorType }) => errorType),
        some.map(({ errorMessage }) => errorMessage),
      ],
    };
  }
}

/** @param batch of a table that {@link toDeadLetterBatches} wrote */
export function fromDeadLetterBatch({ rows, columns }: TableBatch): DeadLetter[] {
  const [partitions, offsets, timestamps, keys, values, headers, cuts, errorTypes, errorMessages] =
    columns as unknown as readonly [
      Int32Array,
      Float64Array,
      readonly string[],
      readonly (Uint8Array | null)[],
      readonly (Uint8Array | null)[],
      readonly string[],
      readonly (string | null)[],
      readonly string[],
      readonly string[],
    ];
  return Array.from({ length: rows }, (_, i) => {
    const cut = cuts[i] ?? null;
    return {
      partition: partitions[i] as number,
      offset: offsets[i] as number,
      timestamp: timestamps[i] as string,
      key: keys[i] ?? null,
      value: values[i] ?? null,
      headers: fromHeaderText(headers[i] as string),
      ...(cut !== null && { cut: JSON.parse(cut) as CutParts }),
      errorType: errorTypes[i] as string,
      errorMessage: errorMessages[i] as string,
    };
  });
}

function fromHeaderText(text: string): DeadLetter['headers'] {
  return (JSON.parse(text) as [string, JsonBytes][]).map(([name, bytes]) => [name, fromJsonBytes(bytes)]);
}
