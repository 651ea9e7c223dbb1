import { isObject, type JsonObject } from './run-input.ts';
import { parseStart } from './stream-start-position.ts';
import { UsageError } from './exit.ts';

/** The flags of `imdb stream start` that say what the stream does. */
export interface StreamFlags {
  readonly topic?: string;
  readonly from?: string;
  readonly startOver?: true;
  readonly availableNow?: true;
  readonly interval?: string;
}

/** The input of `scoreStream`, without its model: what the person gave in a file or with --set, then the flags. */
export function withFlags(input: JsonObject, flags: StreamFlags): JsonObject {
  const { topic, from, startOver, availableNow, interval } = flags;
  const given = isObject(input['trigger']) ? input['trigger'] : {};
  return {
    ...input,
    ...(topic !== undefined && { topic }),
    ...(from !== undefined && { start: parseStart(from) }),
    ...(startOver && { startOver }),
    ...(availableNow && { trigger: 'available-now' }),
    ...(interval !== undefined && { trigger: { ...given, intervalSeconds: parseSeconds(interval) } }),
  };
}

function parseSeconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`--interval ${text}: expected seconds, for example 10 or 0.5`);
}
