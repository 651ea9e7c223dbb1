import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { StreamProgress } from '../../domain/run/progress.ts';
import { runFailed } from '../shared/failures.ts';
import { untilSignal, UsageError } from '../shared/output.ts';
import { pendingInStream } from '../shared/pending-work.ts';
import { queryProgress } from '../shared/client.ts';
import { createStreamView, type StreamResult } from './text.ts';

const POLL_INTERVAL_MS = 1_000;

/**
 * Shows a stream until it ends, also through its continuations as new.
 *
 * @returns undefined when the person left before, with Ctrl-C
 * @throws RunFailed in one line; UsageError when the server is lost, the stream goes on
 */
export async function followStream(
  client: Client,
  { handle, url }: { readonly handle: WorkflowHandle; readonly url: string },
  out: NodeJS.WriteStream,
): Promise<StreamResult | undefined> {
  const { workflowId } = handle;
  const view = createStreamView(workflowId, out);
  const over = new AbortController();
  const left = new AbortController();
  const result = (handle.result() as Promise<StreamResult>).finally(() => {
    over.abort();
  });
  // Awaited below; until then its failure must not end the process unseen.
  result.catch(() => undefined);
  void untilSignal().then(() => {
    left.abort();
    over.abort();
  });
  const isOver = once(over.signal, 'abort');
  while (!over.signal.aborted) {
    const progress = await Promise.race([queryProgress<StreamProgress>(client, handle), isOver]);
    if (progress === 'opening') view.update(progress, await openingWaitsFor(client, handle));
    else if (!Array.isArray(progress)) view.update(progress, []);
    await Promise.race([isOver, setTimeout(POLL_INTERVAL_MS)]);
  }
  view.end();
  if (left.signal.aborted) {
    out.write(
      `${workflowId} goes on: see "imdb stream status ${workflowId}", "imdb stream stop ${workflowId}"\n`,
    );
    return undefined;
  }
  try {
    return await result;
  } catch (error) {
    if (error instanceof WorkflowFailedError) throw runFailed(workflowId, url, error);
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`lost sight of ${workflowId}, which goes on without us: ${reason} – ${url}`, {
      cause: error,
    });
  }
}

async function openingWaitsFor(client: Client, handle: WorkflowHandle): Promise<string[]> {
  // Followed by id alone: the stream may have continued as new.
  const latest = client.workflow.getHandle(handle.workflowId);
  try {
    return await pendingInStream(client, (await latest.describe()).raw);
  } catch {
    // A server that is lost is reported with the result.
    return [];
  }
}
