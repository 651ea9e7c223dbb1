import { setTimeout as sleep } from 'node:timers/promises';
import { readLogTail } from './server-log.ts';
import type { SupervisedProcess } from './supervised-process.ts';

const POLL_INTERVAL_MS = 50;

class ServerStartFailed extends Error {
  override readonly name = 'ServerStartFailed';

  constructor(
    facts: {
      readonly name: string;
      readonly reason: string;
      readonly logFile: string;
      readonly logTail: string;
    },
    options?: ErrorOptions,
  ) {
    const log = facts.logTail === '' ? 'its log is empty' : `the end of its log:\n${facts.logTail}`;
    super(`${facts.name} did not start: ${facts.reason} (${facts.logFile}); ${log}`, options);
  }
}

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
      const timedOut = Date.now() >= deadline ? `no answer within ${timeoutMs / 1000} s` : undefined;
      const reason = ended ?? timedOut;
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
