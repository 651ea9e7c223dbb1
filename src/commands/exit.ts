import { inspect } from 'node:util';

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
