import type { StreamStart } from '../domain/stream-input.ts';
import { UsageError } from './exit.ts';

const OFFSETS = /^\d+:\d+(,\d+:\d+)*$/;
const HAS_ZONE = /^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:\d\d)$/;

/** `--from earliest`, `latest`, `2026-11-22T02:00:00Z` or `0:1200,1:900`. */
export function parseStart(text: string): StreamStart {
  if (text === 'earliest' || text === 'latest') return text;
  if (OFFSETS.test(text)) return { offsets: parseOffsets(text) };
  if (HAS_ZONE.test(text) && !Number.isNaN(Date.parse(text))) return { timestamp: text };
  throw new UsageError(
    `--from ${text}: expected earliest, latest, a time with its zone like 2026-11-22T02:00:00Z, ` +
      'or an offset for every partition like 0:1200,1:900',
  );
}

function parseOffsets(text: string): Record<string, number> {
  const offsets = new Map<string, number>();
  for (const pair of text.split(',')) {
    const [partition, offset] = pair.split(':').map(Number);
    if (!Number.isSafeInteger(offset)) throw new UsageError(`--from ${text}: ${offset} is too large`);
    if (offsets.has(String(partition)))
      throw new UsageError(`--from ${text}: partition ${partition} is named twice`);
    offsets.set(String(partition), Number(offset));
  }
  return Object.fromEntries(offsets);
}
