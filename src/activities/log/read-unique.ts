import type { LogRecord } from '../../domain/log/record.ts';
import type { RecordReader } from './record-log.ts';

/**
 * The wanted records of the ranges, one per key. A committed duplicate should not exist; where one does (another
 * tool copied records), the first counts. Records without a key are told apart by their place.
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
