import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Measure } from '../../../domain/metrics.ts';
import { modelOfRegistry, PROGRESS_QUERY, workflowType } from '../../../domain/names.ts';
import type { StreamProgress } from '../../../domain/run/progress.ts';
import type { Logger } from '../../logger.ts';
import { readChampion } from '../champion.ts';

/** As often as Prometheus asks. */
const INTERVAL_MS = 15_000;
const TIMEOUT_MS = 10_000;
/** Questions to workflows cost work of a worker; nobody has so many streams or models. */
const MAX_ASKED = 50;
const STATUSES = ['Running', 'Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut'] as const;

interface Settings {
  readonly client: Client;
  readonly taskQueue: string;
  readonly measure: Measure;
  readonly logger: Logger;
}

/**
 * Looks up from time to time what is so now: which model is champion, how far streams are behind, how many runs failed.
 * Temporal knows it, so the values survive the processes that run the workflows, and every worker reports the same.
 */
export function watchState(settings: Settings): { close(): Promise<void> } {
  const stopping = new AbortController();
  const watching = keepLooking(settings, stopping.signal);
  return {
    async close() {
      stopping.abort();
      await watching;
    },
  };
}

async function keepLooking(
  { client, taskQueue, measure, logger }: Settings,
  stop: AbortSignal,
): Promise<void> {
  const queue = `TaskQueue = ${JSON.stringify(taskQueue)}`;
  const looks = [
    () => measureRuns(client, queue, measure),
    () => measureAttention(client, queue, measure),
    () => measureChampions(client, queue, taskQueue, measure),
    createLagLook(client, queue, measure),
  ];
  const isStopped = (): boolean => stop.aborted;
  while (!isStopped()) {
    for (const look of looks) {
      if (isStopped()) return;
      await client.withDeadline(Date.now() + TIMEOUT_MS, look).catch((error: unknown) => {
        // One look may be refused, for example without search attributes.
        logger.debug({ error }, 'a metric could not be looked up');
      });
    }
    await sleep(INTERVAL_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
  }
}

async function measureRuns(client: Client, queue: string, measure: Measure): Promise<void> {
  const runs = `${queue} AND WorkflowType = '${workflowType.ratingPipeline}'`;
  const { groups } = await client.workflow.count(`${runs} GROUP BY ExecutionStatus`);
  const counts = new Map(groups.map(({ count, groupValues: [status] }) => [String(status), count]));
  for (const status of STATUSES) measure('imdb_runs', counts.get(status) ?? 0, { status });
}

async function measureAttention(client: Client, queue: string, measure: Measure): Promise<void> {
  const { count } = await client.workflow.count(
    `${queue} AND ExecutionStatus = 'Running' AND PipelineState = 'NeedsAttention'`,
  );
  measure('imdb_needs_attention', count, {});
}

async function measureChampions(
  client: Client,
  queue: string,
  taskQueue: string,
  measure: Measure,
): Promise<void> {
  for (const workflowId of await running(client, queue, workflowType.modelRegistry)) {
    const champion = await readChampion(client.workflow.getHandle(workflowId));
    if (!champion) continue;
    const model = modelOfRegistry(taskQueue, workflowId);
    measure('imdb_champion_rmse', champion.model.rmse, { model });
    const promotedMs = Date.parse(champion.since);
    measure('imdb_champion_promoted_timestamp_seconds', promotedMs / 1_000, { model });
  }
}

/** A stream that has ended has no lag; a gauge keeps its value until it is set. */
function createLagLook(client: Client, queue: string, measure: Measure): () => Promise<void> {
  let known = new Set<string>();
  return async () => {
    const lags = new Map<string, number>();
    for (const workflowId of await running(client, queue, workflowType.scoreStream)) {
      const { position } = await client.workflow.getHandle(workflowId).query<StreamProgress>(PROGRESS_QUERY);
      // Only continuous streams have a position.
      if (position) lags.set(position.topic, Math.max(position.lag, lags.get(position.topic) ?? 0));
    }
    for (const topic of known) if (!lags.has(topic)) lags.set(topic, 0);
    for (const [topic, lag] of lags) measure('imdb_stream_lag_records', lag, { topic });
    known = new Set(lags.keys());
  };
}

async function running(client: Client, queue: string, type: string): Promise<string[]> {
  const ids: string[] = [];
  const query = `${queue} AND WorkflowType = '${type}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, parentExecution } of client.workflow.list({ query })) {
    // A run shows the progress of its own stream.
    if (!parentExecution) ids.push(workflowId);
    if (ids.length === MAX_ASKED) break;
  }
  return ids;
}
