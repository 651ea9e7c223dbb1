import { copyFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { workflowType } from '../src/domain/names.ts';
import type { Context } from './setup/context.ts';
import { FOREST } from './setup/our-model.ts';
import type { Services } from './setup/services.ts';
import type { Workers } from './setup/workers.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';
import type { Results } from './suite/results.ts';
import { median } from './suite/statistics.ts';
import { formatMebibytes, formatSeconds } from './suite/table.ts';
import { atMostSeconds, belowMebibytes } from './suite/target.ts';

const RUNS = 50;
const QUICK_RUNS = 12;
const MAX_MEBIBYTES = 700;
/** When all of them were started at once, the first ended after 61 s. */
const FIRST_WITHIN_SECONDS = 15;

interface Ends {
  /** After the start of them all, in the order of their starts. */
  readonly seconds: readonly number[];
  /** Attempts of activities that were lost or failed. */
  readonly lostAttempts: number;
}

export const runs: Part = {
  name: 'runs',
  question:
    'When do many runs end that are started at once, and what do the worker’s processes need meanwhile?',
  async run(context, results) {
    const services = await context.services();
    const workers = await services.workers(availableParallelism());
    const number = context.options.quick ? QUICK_RUNS : RUNS;
    results.setData(context.dataset.origin);
    await startRuns(context, services, workers, 'warm-up', 1);
    workers.forgetPeaks();
    progress(`runs: ${number} at once`);
    const ends = await startRuns(context, services, workers, 'runs', number);
    addResults(results, ends, workers);
    await results.save();
  },
};

async function startRuns(
  context: Context,
  { client, env }: Services,
  { taskQueue }: Workers,
  name: string,
  number: number,
): Promise<Ends> {
  await copyFile(context.csv(), join(env['DATA_DIR'] ?? '', 'movies.csv'));
  const forest = { trees: FOREST.trees, maxDepth: FOREST.depth };
  const start = performance.now();
  const handles: WorkflowHandle[] = [];
  for (let run = 1; run <= number; run += 1) {
    const options = { workflowId: `${name}-${run}`, taskQueue, args: [{ topic: name, forest }] };
    handles.push(await client.workflow.start(workflowType.ratingPipeline, options));
  }
  const seconds = await Promise.all(
    handles.map(async (handle) => {
      await handle.result();
      return (performance.now() - start) / 1000;
    }),
  );
  const lost = await Promise.all(handles.map(countLostAttempts));
  return { seconds, lostAttempts: lost.reduce((sum, attempts) => sum + attempts, 0) };
}

async function countLostAttempts(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  const attempts = (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) =>
    started ? [(started.attempt ?? 1) - 1] : [],
  );
  return attempts.reduce((sum, extra) => sum + extra, 0);
}

function addResults(results: Results, { seconds, lostAttempts }: Ends, workers: Workers): void {
  const first = Math.min(...seconds);
  const last = Math.max(...seconds);
  const memory = workers.memory();
  const peak = Math.max(...memory.map(({ peakBytes }) => peakBytes));
  results.addTarget(atMostSeconds('the first run ends after', FIRST_WITHIN_SECONDS, first));
  results.addTarget(belowMebibytes('memory of a worker process', MAX_MEBIBYTES, peak));
  results.addFigure('lastSeconds', last);
  results.addFigure('lostAttempts', lostAttempts);
  results.addSection({
    title: `${seconds.length} runs at once`,
    notes: [
      `All runs are started within a second, with ${FOREST.trees} trees of depth ${FOREST.depth}. They begin in the order of their age, a few per process at once. ${lostAttempts} attempts of activities were lost or failed.`,
    ],
    table: {
      head: ['runs', 'first ends', 'median', 'last ends', 'seconds per run', 'peak memory of each process'],
      rows: [
        [
          `${seconds.length}`,
          formatSeconds(first),
          formatSeconds(median(seconds)),
          formatSeconds(last),
          (last / seconds.length).toFixed(2),
          memory.map(({ peakBytes }) => formatMebibytes(peakBytes)).join(', '),
        ],
      ],
    },
  });
}
