import type { LogRecord } from '../../domain/log/record.ts';
import { rowIdOfKey } from '../../domain/log/row-id.ts';
import type { PublishedSplit } from '../../domain/names.ts';
import type { OnRecord } from './record-log.ts';

/** A character for each byte, so that keys of any bytes stay different. */
const latin1 = new TextDecoder('latin1');

/**
 * Passes on the wanted records, one per key. Committed duplicates should not exist; when another tool has copied
 * records, the first one counts. Records without a key all pass. A run's own keys are known by their row: they cost a
 * bit each, other keys their length.
 */
export function onceEach(
  run: string,
  split: PublishedSplit,
  isWanted: (record: LogRecord) => boolean,
  onRecord: OnRecord,
): OnRecord {
  const rowOf = rowIdOfKey(run, split);
  const isFirstOfRow = createFirstTimes();
  const others = new Set<string>();
  const isFirst = (key: Uint8Array): boolean => {
    const row = rowOf(key);
    if (row !== undefined) return isFirstOfRow(row);
    const before = others.size;
    return others.add(latin1.decode(key)).size > before;
  };
  return (record, leave) => {
    if (isWanted(record) && (record.key === null || isFirst(record.key))) onRecord(record, leave);
  };
}

const PAGE_BITS = 32_768;

/** @returns whether a number is new; each has a bit in a page of its neighbours */
function createFirstTimes(): (value: number) => boolean {
  const pages = new Map<number, Uint32Array>();
  return (value) => {
    const number = Math.floor(value / PAGE_BITS);
    const page = pages.get(number) ?? new Uint32Array(PAGE_BITS / 32);
    pages.set(number, page);
    const place = value % PAGE_BITS;
    const word = page[place >> 5] as number;
    const bit = 1 << (place & 31);
    page[place >> 5] = word | bit;
    return (word & bit) === 0;
  };
}
