import { exitCode } from './exit.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C arrives several times: from the terminal, from npm, and from tsx. */
const SAME_SIGNAL_MS = 1_000;

/** Resolves at the first Ctrl-C, SIGTERM or closed terminal. Asked again later, the process ends at once. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAtMs: number | undefined;
    const onSignal = (): void => {
      const now = Date.now();
      firstAtMs ??= now;
      if (now - firstAtMs > SAME_SIGNAL_MS) process.exit(exitCode.cannot);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
  });
}
