import type { RowPublication } from '../../../src/activities/log/record-log.ts';
import type { OutgoingRecord } from '../../../src/domain/log/record.ts';
import { newNames, UNWATCHED } from './record-log.ts';

/** Rows to be published in transactions of so many, with a name of their own, without an abort or a callback. */
export function rowPublicationOf(
  topic: string,
  rows: readonly OutgoingRecord[],
  transactionRows: number,
): RowPublication {
  return {
    names: newNames(),
    topic,
    chunks: {
      async *[Symbol.asyncIterator]() {
        for (let from = 0; from < rows.length; from += transactionRows)
          yield rows.slice(from, from + transactionRows);
      },
    },
    ...UNWATCHED,
  };
}

/** The same publication, aborted when it has sent so many rows. */
export function abortedAfter(publication: RowPublication, rows: number): RowPublication {
  const controller = new AbortController();
  return {
    ...publication,
    signal: controller.signal,
    onProgress(published) {
      if (published >= rows) controller.abort(new Error('aborted by the test'));
    },
  };
}
