import { setTimeout as sleep } from 'node:timers/promises';
import { ServerStartFailed } from './server-errors.ts';
import { readLogTail } from './server-log.ts';
import type { SupervisedProcess } from './supervised-process.ts';

const POLL_INTERVAL_MS = 50;

/** Resolves when `probe` succeeds; rejects with the end of the log when the server ends or the deadline passes. */
export async function waitUntilReady(
  name: string,
  server: SupervisedProcess,
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
