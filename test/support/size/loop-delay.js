// Loaded into a worker process by NODE_OPTIONS: writes how long its main thread was blocked, a line for each second with
// more than a tenth of a second: {"at": <ms since 1970>, "ms": <longest delay>}.
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setInterval } from 'node:timers';
import { isMainThread } from 'node:worker_threads';

const INTERVAL_MS = 1000;
const RESOLUTION_MS = 10;
const SHOWN_MS = 100;

const file = process.env.LOOP_DELAY_FILE;
if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  setInterval(() => {
    const ms = Math.round(delay.max / 1e6);
    delay.reset();
    if (ms > SHOWN_MS) appendFileSync(file, `${JSON.stringify({ at: Date.now(), ms })}\n`);
  }, INTERVAL_MS).unref();
}
