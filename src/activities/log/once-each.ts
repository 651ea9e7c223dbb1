import type { LogRecord } from '../../domain/log/record.ts';
import type { OnRecord } from './record-log.ts';

/** A character for each byte, so that keys of any bytes stay different. */
const latin1 = new TextDecoder('latin1');

/**
 * Passes on the wanted records, one per key. Committed duplicates should not exist; when another tool has copied
 * records, the first one counts. Records without a key all pass.
 */
export function onceEach(isWanted: (record: LogRecord) => boolean, onRecord: OnRecord): OnRecord {
  const seen = new Set<string>();
  return (record, leave) => {
    if (!isWanted(record)) return;
    const key = record.key && latin1.decode(record.key);
    if (key !== null && seen.has(key)) return;
    if (key !== null) seen.add(key);
    onRecord(record, leave);
  };
}
