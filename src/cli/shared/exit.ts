import { inspect } from 'node:util';
import { PipelineError } from '../../domain/errors.ts';
import { createRedactor } from '../../domain/redaction.ts';
import { printableLines } from './text.ts';

/** Exit codes of all commands. */
export const exitCode = { done: 0, runFailed: 1, cannot: 2 } as const;

/** A run ended as failed, cancelled, terminated or timed out. The message names the step, the reason and the link. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
}

/** The command was used wrongly, or something that it needs is missing. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** Prints one line, or everything with --verbose. @returns the exit code */
export async function reportError(error: unknown, verbose: boolean): Promise<number> {
  // Takes a while to load; a command that succeeds may not need it.
  const { processSecrets } = await import('../../config.ts');
  const redact = createRedactor(processSecrets());
  process.stderr.write(printableLines(redact(`imdb: ${verbose ? inspect(error) : describeError(error)}\n`)));
  return error instanceof RunFailed ? exitCode.runFailed : exitCode.cannot;
}

/**
 * An error in one line, with its causes: libraries wrap "3 INVALID_ARGUMENT: WorkflowId is not set" in
 * "Failed to describe workflow". The messages of our own errors already contain what matters of their causes.
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  while (current instanceof Error) {
    const text = current.message.trim();
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    current = isOwn(current) ? undefined : current.cause;
  }
  if (typeof current === 'string') parts.push(current);
  return parts.filter((part) => part !== '').join(': ') || 'an error without a message';
}

function isOwn(error: Error): boolean {
  return error instanceof UsageError || error instanceof RunFailed || error instanceof PipelineError;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C arrives several times: from the terminal and from npm. */
const SAME_SIGNAL_MS = 1_000;

/** Resolves at the first Ctrl-C, SIGTERM or closed terminal. A second one ends the process at once. */
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
