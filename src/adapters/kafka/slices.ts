import { setImmediate } from 'node:timers/promises';

/** To build, encode and hash one takes some 5 µs: an answer of the broker waits for 3 ms at most. */
const SLICE_RECORDS = 500;

/** Visits records in order; before each slice, the worker's heartbeats and other activities have their turn. */
export async function inSlices<T>(
  records: Iterable<T>,
  signal: AbortSignal,
  visit: (record: T) => void | Promise<void>,
): Promise<void> {
  let visited = 0;
  for (const record of records) {
    if (visited % SLICE_RECORDS === 0) {
      await setImmediate();
      signal.throwIfAborted();
    }
    visited += 1;
    const pending = visit(record);
    if (pending) await pending;
  }
}
