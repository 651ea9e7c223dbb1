import { repairUpdate } from '../../domain/names.ts';
import type { StreamProgress } from '../../domain/run/progress.ts';
import {
  ANSWER_WITHIN_MS,
  findStream,
  queryProgress,
  sendUpdate,
  statusOf,
  withClient,
} from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';
import { print } from '../shared/output.ts';
import { describeWaiting } from '../shared/waiting.ts';

/** As commander gives a variadic option: `true` when nothing is named. */
export interface RepairOptions {
  readonly retry?: readonly string[] | true;
  readonly skip?: readonly string[] | true;
}

/** @param workflowId of a stream, or of the run that started it */
export async function repair(workflowId: string, options: RepairOptions): Promise<void> {
  const { update, batches } = parseRepair(workflowId, options);
  await withClient(async (client) => {
    const found = await findStream(client, workflowId);
    const { handle } = found;
    const id = handle.workflowId;
    if (statusOf(found) !== 'running') {
      throw new UsageError(
        `nothing to repair: "${id}" is not running, it is ${statusOf(found)}. See "imdb stream status ${id}"`,
      );
    }
    const progress = await queryProgress<StreamProgress>(client, handle);
    if (progress === 'no worker') throw noWorker(id);
    if (progress === 'opening') {
      const waitsFor = await describeWaiting(client, found, true);
      throw new UsageError(`nothing to repair: ${[`"${id}" is still opening`, ...waitsFor].join('; ')}`);
    }
    if (progress.failed === 0) {
      throw new UsageError(
        `nothing to repair: no micro-batch of "${id}" has failed, it is ${progress.state}`,
      );
    }
    const args: [object] = [batches === undefined ? {} : { batches }];
    const answer = await sendUpdate<string>(client, handle, update, args, (cause) => noWorker(id, cause));
    print(`${id}: ${answer}`);
  });
}

/** @throws UsageError */
export function parseRepair(
  workflowId: string,
  { retry, skip }: RepairOptions,
): { readonly update: string; readonly batches: readonly number[] | undefined } {
  if (retry !== undefined && skip !== undefined) {
    throw new UsageError('expected --retry or --skip, got both: use one, then the other');
  }
  const named = retry ?? skip;
  if (named === undefined) {
    throw new UsageError(
      'expected --retry (try failed micro-batches again) or --skip (leave them out for good), got neither. ' +
        `"imdb stream status ${workflowId}" lists what has failed`,
    );
  }
  return {
    update: retry === undefined ? repairUpdate.skipFailed : repairUpdate.retryFailed,
    batches: named === true ? undefined : named.flatMap((text) => text.split(',')).map(parseBatch),
  };
}

function parseBatch(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`batch ${JSON.stringify(text)}: expected a number, as "imdb stream status" lists it`);
}

function noWorker(workflowId: string, cause?: unknown): UsageError {
  return new UsageError(
    `no worker answered for "${workflowId}" within ${ANSWER_WITHIN_MS / 1_000} s. Start one with "imdb worker", check ` +
      `"imdb stream status ${workflowId}", then repair what is left`,
    { cause },
  );
}
