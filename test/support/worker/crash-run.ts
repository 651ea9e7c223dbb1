import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { createWorkers } from '../../faults/environment/workers.ts';
import type { Injection } from '../../faults/faults/injection.ts';
import { readJournal, type JournalLine } from '../../faults/worker/journal.ts';

export interface CrashedRun {
  readonly result: PipelineResult;
  /** The events of the three workers. */
  readonly journal: readonly JournalLine[];
}

const KILLS: readonly Injection[] = [
  { name: 'training', action: 'kill', place: { activity: 'trainForest', moment: 'between' } },
  {
    name: 'scoring',
    action: 'kill',
    place: { activity: 'publishPredictions', part: '3', moment: 'between' },
  },
];

/** Small batches, few at a time: some are done at the second kill, and others are not. */
export const CRASH_INPUT = {
  forest: { trees: 3 },
  stream: { microBatchRows: 5, inFlight: 2 },
} as const;

/** A run whose first worker is killed in training and the second in a micro-batch; a third one finishes it. */
export async function runThroughCrashes(
  client: Client,
  env: Readonly<Record<string, string>>,
  run: {
    readonly workflowId: string;
    readonly taskQueue: string;
    readonly input: PipelineInputJson;
    /** From the test set-up. If it is absent, each worker compiles the workflows. */
    readonly bundleFile?: string;
  },
): Promise<CrashedRun> {
  const { workflowId, taskQueue, input, bundleFile } = run;
  const directory = await mkdtemp(join(tmpdir(), 'imdb-crashes-'));
  const workers = createWorkers({ directory, injections: KILLS, ...(bundleFile && { bundleFile }) }, env);
  try {
    await workers.start(1);
    const result: unknown = await client.workflow.execute(workflowType.ratingPipeline, {
      workflowId,
      taskQueue,
      args: [input],
    });
    return { result: result as PipelineResult, journal: readJournal(directory) };
  } finally {
    await workers.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
