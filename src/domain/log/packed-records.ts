import type { RatingNumbers, RatingSchema } from '../dataset/rating-table.ts';
import type { PublishedSplit } from '../names.ts';
import { createRatingRecords } from './rating-record.ts';
import type { OutgoingRecord } from './record.ts';

/** What the records of a split have in common. */
export interface RecordForm {
  readonly run: string;
  readonly split: PublishedSplit;
  readonly schema: RatingSchema;
  /** Of the schema that the values are framed with; undefined: no frame. */
  readonly schemaId: number | undefined;
}

/** Keys and values of many records in one piece of memory, which another thread hands over without a copy. */
export interface PackedRecords {
  /** Key and value of the first record, of the second, and so on; what follows has no meaning. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of each record, where its key ends and where its value ends. */
  readonly ends: Int32Array<ArrayBuffer>;
}

const FIRST_BYTES = 1 << 20;

/** The records of {@link createRatingRecords}, without their headers. */
export function packRecords(
  { run, split, schema, schemaId }: RecordForm,
  rows: RatingNumbers,
): PackedRecords {
  const recordOf = createRatingRecords(run, split, schema, schemaId);
  const count = rows.rowIds.length;
  const ends = new Int32Array(2 * count);
  let bytes = new Uint8Array(FIRST_BYTES);
  let used = 0;
  const put = (part: Uint8Array): number => {
    if (used + part.length > bytes.length) {
      const larger = new Uint8Array(Math.max(2 * bytes.length, used + part.length));
      larger.set(bytes.subarray(0, used));
      bytes = larger;
    }
    bytes.set(part, used);
    used += part.length;
    return used;
  };
  for (let row = 0; row < count; row += 1) {
    const { key, value } = recordOf(rows, row);
    ends[2 * row] = put(key);
    ends[2 * row + 1] = put(value);
  }
  return { bytes, ends };
}

/** How many bytes the records have. */
export function sizeOfPacked({ ends }: PackedRecords): number {
  return ends.at(-1) ?? 0;
}

/** The records, as views of the packed memory. */
export function* unpackRecords(
  { bytes, ends }: PackedRecords,
  headers: OutgoingRecord['headers'],
): Generator<OutgoingRecord> {
  let from = 0;
  for (let at = 0; at < ends.length; at += 2) {
    const keyEnd = ends[at] as number;
    const end = ends[at + 1] as number;
    yield { key: bytes.subarray(from, keyEnd), value: bytes.subarray(keyEnd, end), headers };
    from = end;
  }
}
