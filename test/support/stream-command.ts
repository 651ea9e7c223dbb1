import type { Client } from '@temporalio/client';
import { PROGRESS_QUERY } from '../../src/domain/names.ts';
import type { StreamProgress } from '../../src/domain/run/progress.ts';
import { pollUntil } from './poll-until.ts';

/** What a command's `--json` says on the last line. */
export function lastJson({ stdout }: { readonly stdout: string }): Record<string, unknown> {
  return JSON.parse(stdout.split('\n').at(-1) ?? '') as Record<string, unknown>;
}

/** Asks a stream, which a command has started, until its answer is as wanted. */
export async function untilProgress(
  { workflow }: Client,
  id: string,
  what: string,
  isThere: (progress: StreamProgress) => boolean,
): Promise<StreamProgress> {
  return pollUntil(what, async () => {
    const query = workflow.getHandle(id).query<StreamProgress>(PROGRESS_QUERY);
    const progress = await query.catch(() => undefined);
    return progress && isThere(progress) && progress;
  });
}
