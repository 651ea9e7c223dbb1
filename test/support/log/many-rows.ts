import type { RowPublication } from '../../../src/activities/log/record-log.ts';
import { header } from '../../../src/domain/names.ts';
import type { OutgoingRecord } from '../../../src/domain/log/record.ts';

/** As many as the table's batches have. */
const CHUNK_ROWS = 8_192;

/** Narrow rows that are made when they are needed; the number of a row is in its header. */
export function manyRows(run: string, count: number): RowPublication['chunks'] {
  return {
    async *[Symbol.asyncIterator]() {
      for (let from = 0; from < count; from += CHUNK_ROWS)
        yield rowsBetween(run, from, Math.min(from + CHUNK_ROWS, count));
    },
  };
}

function* rowsBetween(run: string, from: number, to: number): Generator<OutgoingRecord> {
  for (let row = from; row < to; row += 1) {
    yield {
      key: `${run}/${row}`,
      value: `{"votes":${row},"score":${row % 10}}`,
      headers: [
        [header.runId, run],
        [header.rowId, String(row)],
      ],
    };
  }
}
