import { inspect } from 'node:util';
import type { PipelineResult } from '../../domain/run/step-results.ts';

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

/** What a command's end means to the shell. */
export const exitCode = { done: 0, runFailed: 1, cannot: 2 } as const;

/** A run ended as failed, cancelled, terminated or timed out. Its message says which step, why, and where to look. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
}

/** The command was used wrongly, or what it needs is not there. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One line for people, everything with --verbose. Returns the exit code. */
export function reportError(error: unknown, verbose: boolean): number {
  const shown = verbose ? inspect(error) : error instanceof Error ? error.message : String(error);
  process.stderr.write(`imdb: ${shown}\n`);
  return error instanceof RunFailed ? exitCode.runFailed : exitCode.cannot;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The one line that scripts read: the run's result, with the model's hash where they look for it. */
export function resultJson(workflowId: string, result: PipelineResult, uiUrl: string): string {
  const model = { ...result.model, sha256: result.model.artifact.sha256 };
  return `${JSON.stringify({ workflowId, ...result, model, uiUrl })}\n`;
}
