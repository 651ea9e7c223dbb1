import type { ArtifactRef } from '../../domain/artifact.ts';
import { DatasetError } from '../../domain/errors.ts';
import { SPLITS, type Split } from '../../domain/names.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import { takeRows, type RatingTable } from '../../domain/dataset/rating-table.ts';
import { assignSplit, splitDigestText } from '../../domain/dataset/split.ts';
import type { SplitDatasetResult } from '../../domain/run/step-results.ts';
import { readJson, writeJson, type ArtifactStore } from '../artifact-store.ts';
import type { Digests } from '../log/digests.ts';
import { withHeartbeat } from '../heartbeat.ts';

export interface SplitDatasetInput {
  readonly run: string;
  readonly table: ArtifactRef;
  readonly split: PipelineInput['split'];
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly digests: Digests;
}

/** Assigns every row to train, batch or stream by the hash of its key. A retry assigns the same rows. */
export function createSplitDataset({ artifacts, digests }: Deps) {
  return async function splitDataset({ run, table, split }: SplitDatasetInput): Promise<SplitDatasetResult> {
    return withHeartbeat(async () => {
      const rows = await readJson<RatingTable>(artifacts, table);
      const positions: Record<Split, number[]> = { train: [], batch: [], stream: [] };
      rows.keys.forEach((key, position) => {
        positions[assignSplit(digests.sha256(splitDigestText(split.seed, key)), split)].push(position);
      });
      requireRows(positions, rows.keys.length);
      const refs: [Split, ArtifactRef][] = [];
      for (const name of SPLITS) {
        const part = takeRows(rows, positions[name]);
        refs.push([name, await writeJson(artifacts, run, name, part.rowIds.length, part)]);
      }
      return {
        splits: Object.fromEntries(refs) as Record<Split, ArtifactRef>,
        sha256: digests.sha256(refs.map(([name, { sha256 }]) => `${name}:${sha256}`).join('\n')),
      };
    });
  };
}

/** R² needs two rows to vary, and a forest two rows to split. */
const MIN_ROWS_PER_SPLIT = 2;

function requireRows(positions: Record<Split, readonly number[]>, total: number): void {
  const short = SPLITS.filter((split) => positions[split].length < MIN_ROWS_PER_SPLIT);
  if (short.length === 0) return;
  throw new DatasetError({
    what: 'too few rows to split',
    expected: `at least ${MIN_ROWS_PER_SPLIT} rows in each of train, batch and stream`,
    got: `${total} rows: ${SPLITS.map((split) => `${split} ${positions[split].length}`).join(', ')}`,
    hint: 'Use a larger file, drop fewer rows (name fewer features), or choose larger fractions',
  });
}
