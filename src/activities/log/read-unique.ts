import type { LogRecord } from '../../domain/log/record.ts';
import type { RecordReader } from './record-log.ts';

/**
 * The wanted records of the ranges, one per key. Committed duplicates should not exist; when another tool has copied
 * records, the first one counts. Records without a key are all kept.
 */
export async function readUnique(
  reader: RecordReader,
  read: Parameters<RecordReader['readRanges']>[0],
  isWanted: (record: LogRecord) => boolean,
): Promise<LogRecord[]> {
  const seen = new Set<string>();
  const decoder = new TextDecoder();
  return (await reader.readRanges(read)).filter((record) => {
    if (!isWanted(record)) return false;
    if (record.key === null) return true;
    const key = decoder.decode(record.key);
    return !seen.has(key) && seen.add(key);
  });
}
