import type { ArtifactRef } from '../../domain/artifact.ts';
import { DatasetError } from '../../domain/errors.ts';
import { SPLITS, type Split } from '../../domain/names.ts';
import type { ForestParams, PipelineInput } from '../../domain/run/pipeline-input.ts';
import { takeRows, type RatingRows, type RatingSchema } from '../../domain/dataset/rating-table.ts';
import { assignSplit, splitDigestText } from '../../domain/dataset/split.ts';
import type { SplitDatasetResult } from '../../domain/run/step-results.ts';
import type { Digests } from '../log/digests.ts';
import { pause, withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import { requireEngine, type ForestEngine } from '../training/forest-engine.ts';
import { requireTrainingRoom } from '../training/require-training-room.ts';
import { openRatingRows, writeRatingRows } from './rating-rows.ts';

export interface SplitDatasetInput {
  readonly run: string;
  readonly table: ArtifactRef;
  readonly split: PipelineInput['split'];
  /** What will be trained on the train split. */
  readonly forest: ForestParams;
}

interface Deps {
  readonly digests: Digests;
  readonly engines: readonly ForestEngine[];
  readonly tables: Tables;
}

/** To hash so many takes some ten milliseconds. */
const KEYS_AT_A_TIME = 2_048;

/**
 * Assigns every row to train, batch or stream by the hash of its key. The splits are written while the dataset is read,
 * so memory does not depend on its size. A retry assigns the same rows.
 *
 * @throws InvalidInput when the train split is too large to be trained on, before anything is published
 */
export function createSplitDataset({ digests, engines, tables }: Deps) {
  async function assign(
    { keys }: RatingRows,
    split: PipelineInput['split'],
  ): Promise<Record<Split, readonly number[]>> {
    const positions: Record<Split, number[]> = { train: [], batch: [], stream: [] };
    for (const [position, key] of keys.entries()) {
      if (position % KEYS_AT_A_TIME === 0) await pause();
      positions[assignSplit(digests.sha256(splitDigestText(split.seed, key)), split)].push(position);
    }
    return positions;
  }

  return async function splitDataset(input: SplitDatasetInput): Promise<SplitDatasetResult> {
    const { run, table, split, forest } = input;
    return withHeartbeat(async (signal, report) => {
      const engine = requireEngine(engines, forest.engine);
      const { schema, rows } = await openRatingRows(tables, table);
      async function* parts(): AsyncGenerator<Record<Split, RatingRows>> {
        const counts: Record<Split, number> = { train: 0, batch: 0, stream: 0 };
        for await (const some of rows) {
          signal.throwIfAborted();
          const positions = await assign(some, split);
          for (const name of SPLITS) counts[name] += positions[name].length;
          report({ rows: counts.train + counts.batch + counts.stream });
          yield bySplit((name) => takeRows(some, positions[name]));
        }
        requireRows(counts, table.rows);
      }
      const splits = await writeSplits(tables, run, schema, parts());
      requireTrainingRoom(engine, { rows: splits.train.rows, features: schema.features }, forest);
      return {
        splits,
        sha256: digests.sha256(SPLITS.map((name) => `${name}:${splits[name].sha256}`).join('\n')),
      };
    });
  };
}

/** Writes all splits at once. When one fails, or the rows do, nothing is stored. */
async function writeSplits(
  tables: Tables,
  run: string,
  schema: RatingSchema,
  parts: AsyncIterable<Record<Split, RatingRows>>,
): Promise<Record<Split, ArtifactRef>> {
  const pipes = bySplit(() => new TransformStream<RatingRows, RatingRows>());
  const writes = SPLITS.map((name) =>
    writeRatingRows(tables, { run, name, schema, rows: pipes[name].readable }),
  );
  const outcomes = await Promise.allSettled([feed(parts, pipes), ...writes]);
  // A pipe that is no longer read fails with undefined; its reader has failed with the reason.
  const failed = outcomes.find((outcome) => outcome.status === 'rejected' && outcome.reason !== undefined);
  if (failed?.status === 'rejected') throw failed.reason;
  const [train, batch, stream] = await Promise.all(
    writes as [Promise<ArtifactRef>, Promise<ArtifactRef>, Promise<ArtifactRef>],
  );
  return { train, batch, stream };
}

async function feed(
  parts: AsyncIterable<Record<Split, RatingRows>>,
  pipes: Record<Split, TransformStream<RatingRows, RatingRows>>,
): Promise<void> {
  const writers = bySplit((name) => pipes[name].writable.getWriter());
  try {
    for await (const part of parts) {
      await Promise.all(SPLITS.map((name) => writers[name].write(part[name])));
    }
    await Promise.all(SPLITS.map((name) => writers[name].close()));
  } catch (error) {
    await Promise.allSettled(SPLITS.map((name) => writers[name].abort(error)));
    throw error;
  }
}

function bySplit<T>(make: (split: Split) => T): Record<Split, T> {
  return { train: make('train'), batch: make('batch'), stream: make('stream') };
}

/** R² needs two rows to vary, and a forest two rows to split. */
const MIN_ROWS_PER_SPLIT = 2;

function requireRows(counts: Record<Split, number>, total: number): void {
  if (SPLITS.every((split) => counts[split] >= MIN_ROWS_PER_SPLIT)) return;
  throw new DatasetError({
    what: 'too few rows to split',
    expected: `at least ${MIN_ROWS_PER_SPLIT} rows in each of train, batch and stream`,
    got: `${total} rows: ${SPLITS.map((split) => `${split} ${counts[split]}`).join(', ')}`,
    hint: 'Use a larger file, drop fewer rows (name fewer features), or choose larger fractions',
  });
}
