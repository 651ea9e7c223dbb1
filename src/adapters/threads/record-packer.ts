import type { RecordPacker } from '../../activities/log/record-packer.ts';
import type { RatingNumbers } from '../../domain/dataset/rating-table.ts';
import { packRecords, type PackedRecords, type RecordForm } from '../../domain/log/packed-records.ts';
import { createKeptThread } from '../../forest/threads/kept-thread.ts';

export interface PackRequest {
  readonly form: RecordForm;
  readonly rows: RatingNumbers;
}

/** It starts in some 20 ms. */
const KEPT_MS = 60_000;
/** So few take some 10 ms: most splits need no thread, and none of its memory. */
const FEW_ROWS = 2_000;

/** Writes numbers as JSON in a thread of its own: half of the work of publishing rows. */
export function createRecordPacker(): RecordPacker & { close(): Promise<void> } {
  const thread = createKeptThread<PackRequest, PackedRecords>({
    besideUrl: import.meta.url,
    name: 'record-packer-thread',
    what: 'the thread that makes records',
    keptMs: KEPT_MS,
  });
  return {
    async pack(form, rows) {
      if (rows.rowIds.length <= FEW_ROWS) return packRecords(form, rows);
      return thread.call({ form, rows: copyOf(rows) });
    },
    close: () => thread.close(),
  };
}

/** Views of a large buffer would be sent with all of it. */
function copyOf({ rowIds, columns, targets }: RatingNumbers): RatingNumbers {
  return {
    rowIds: rowIds.slice(),
    columns: columns.map((column) => column.slice()),
    targets: targets.slice(),
  };
}
