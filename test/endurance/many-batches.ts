import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { PROGRESS_QUERY, streamWorkflowId, workflowType } from '../../src/domain/names.ts';
import type { StreamProgress } from '../../src/domain/run/progress.ts';
import type { PipelineResult } from '../../src/domain/run/step-results.ts';
import { atMost, equal, type Finding } from './finding.ts';
import type { EnduranceEnvironment } from './environment.ts';

const MAX_EVENTS = 4_096;
const MAX_BYTES = 4 * 1024 * 1024;
/** 1,000 for the child, and 240 for the store and the worker's version that its events repeat, see decision 0021. */
const MAX_PARENT_BYTES_PER_CHILD = 1_240;
/** The stream split has about a tenth of the rows; the surplus makes sure that there are enough batches. */
const ROWS_PER_BATCH = 11.2;

/** One run with this number of micro-batches, of one row each. */
export async function manyBatches(environment: EnduranceEnvironment, batches: number): Promise<Finding[]> {
  const { client, taskQueue, dataDir, startWorker, log } = environment;
  const rows = Array.from({ length: Math.ceil(batches * ROWS_PER_BATCH) }, (_, i) => {
    return `film-${i},${(i * 7_919) % 1_000},${(i * 104_729) % 600},${1 + ((i * 31) % 90) / 10}`;
  });
  await writeFile(join(dataDir, 'many.csv'), ['id,budget,duration,imdb_score', ...rows].join('\n'));
  const worker = await startWorker();
  const workflowId = 'many-batches';
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId,
    taskQueue,
    args: [
      {
        dataset: { path: 'many.csv', key: 'id' },
        forest: { trees: 2, maxDepth: 6 },
        stream: { microBatchRows: 1, inFlight: 32 },
      },
    ],
  });
  const ended = new AbortController();
  const result = (handle.result() as Promise<PipelineResult>).finally(() => {
    ended.abort();
  });
  result.catch(() => undefined);
  const startedAtMs = Date.now();
  const stream = client.workflow.getHandle(streamWorkflowId(workflowId));
  while (!ended.signal.aborted) {
    await setTimeout(10_000, undefined, { signal: ended.signal }).catch(() => undefined);
    const progress = await stream.query<StreamProgress>(PROGRESS_QUERY).catch(() => undefined);
    const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
    if (progress) log(`${seconds} s: ${progress.done} of ${progress.batches} micro-batches`);
  }
  const done = await result;
  await worker.kill();

  const histories = await historiesOf(client);
  const own = histories.filter((history) => history.workflowId === streamWorkflowId(workflowId));
  const parentBytes = own.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    {
      what: 'micro-batches in one run',
      found: `${done.batches}`,
      bound: `≥ ${batches}`,
      isMet: done.batches >= batches,
    },
    equal('rows predicted, each once (reconciled)', done.predicted, done.rows.stream),
    { what: 'times continued as new', found: `${own.length - 1}`, bound: 'any', isMet: true },
    atMost('largest history', Math.max(...histories.map(({ events }) => events)), MAX_EVENTS, 'events'),
    atMost('largest history', Math.max(...histories.map(({ bytes }) => bytes)), MAX_BYTES, 'bytes'),
    atMost(
      'parent’s history per child',
      Math.round(parentBytes / done.batches),
      MAX_PARENT_BYTES_PER_CHILD,
      'bytes',
    ),
  ];
}

interface History {
  readonly workflowId: string;
  readonly events: number;
  readonly bytes: number;
}

/** The history sizes of every workflow execution on the server. */
async function historiesOf(client: Client): Promise<History[]> {
  const histories: History[] = [];
  for await (const { workflowId, historyLength, historySize } of client.workflow.list()) {
    histories.push({ workflowId, events: historyLength, bytes: historySize ?? 0 });
  }
  return histories;
}
