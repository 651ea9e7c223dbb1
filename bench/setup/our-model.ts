import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import type { PipelineResult } from '../../src/domain/run/step-results.ts';
import { compileProgram } from './program.ts';
import type { Services } from './services.ts';
import type { ForestShape } from './spark.ts';
import type { Workers } from './workers.ts';

/** The forest of all parts that score: the shape that Spark's default for regression allows to compare. */
export const FOREST: ForestShape = { trees: 100, depth: 10, seed: 1 };
/** Spark's default for regression, `onethird`. */
const FEATURE_FRACTION = 1 / 3;

export interface OurRun {
  /** From the command to its end. */
  readonly seconds: number;
  readonly result: PipelineResult;
}

let runs = 0;

/** `imdb run --wait`, a process of its own, with all defaults but the forest's shape. */
export async function runPipeline(services: Services, workers: Workers, csv: string): Promise<OurRun> {
  const { cli } = await compileProgram();
  await copyFile(csv, join(services.env['DATA_DIR'] ?? '', 'movies.csv'));
  runs += 1;
  const settings = {
    topic: `run-${runs}`,
    'forest.trees': FOREST.trees,
    'forest.maxDepth': FOREST.depth,
    'forest.featureFraction': FEATURE_FRACTION,
  };
  const set = Object.entries(settings).flatMap(([field, value]) => ['--set', `${field}=${value}`]);
  const start = performance.now();
  const { stdout } = await execa(
    process.execPath,
    [cli, 'run', '--wait', '--json', '--id', `bench-${runs}`, ...set],
    { env: { ...services.env, TASK_QUEUE: workers.taskQueue }, stdin: 'ignore' },
  );
  const seconds = (performance.now() - start) / 1000;
  const result = z.looseObject({ model: z.unknown() }).parse(JSON.parse(stdout.split('\n').at(-1) ?? ''));
  return { seconds, result: result as unknown as PipelineResult };
}
