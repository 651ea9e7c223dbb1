import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerStartFailed } from './server-errors.ts';
import type { Tether } from './tether.ts';

const POLL_INTERVAL_MS = 50;
const LOG_TAIL_BYTES = 4096;
const LOG_TAIL_LINES = 15;

/** Resolves when `probe` succeeds; rejects with the end of the log when the server ends or the deadline passes. */
export async function waitUntilReady(
  name: string,
  server: Tether,
  probe: () => Promise<void>,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let ended: string | undefined;
  void server.exited.then((exit) => {
    ended = describeExit(exit);
  });
  for (;;) {
    try {
      await probe();
      return;
    } catch (error) {
      const late = Date.now() >= deadline ? `no answer within ${timeoutMs / 1000} s` : undefined;
      const reason = ended ?? late;
      if (reason !== undefined) {
        await server.stop();
        const logTail = await readLogTail(server.logFile);
        throw new ServerStartFailed({ name, reason, logFile: server.logFile, logTail }, { cause: error });
      }
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

export function describeExit({
  code,
  signal,
}: {
  readonly code: number | null;
  readonly signal: string | null;
}) {
  return signal === null ? `it ended with exit code ${code ?? 'unknown'}` : `it was ended by ${signal}`;
}

export async function readLogTail(logFile: string): Promise<string> {
  const file = await open(logFile);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(LOG_TAIL_BYTES), position: start });
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  } finally {
    await file.close();
  }
}
