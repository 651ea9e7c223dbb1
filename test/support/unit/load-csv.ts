import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson } from '../../../src/activities/artifact-store.ts';
import { createLoadDataset } from '../../../src/activities/dataset/load-dataset.ts';
import { danfoFrames } from '../../../src/adapters/csv/danfo.ts';
import { nodeDigests } from '../../../src/adapters/digests.ts';
import { createLocalDataDirectory } from '../../../src/adapters/files/data-directory.ts';
import { timeZones } from '../../../src/adapters/time-zones.ts';
import { parsePipelineInput, type PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { RatingTable } from '../../../src/domain/dataset/rating-table.ts';
import { runActivity } from './activity.ts';
import { createMemoryArtifacts } from './memory-artifacts.ts';

const AS_OF = '2026-11-22T02:00:00Z';

/** Runs the activity with the real file system and danfo. */
export async function loadFile(dataDir: string, dataset: PipelineInputJson['dataset'], asOf = AS_OF) {
  const artifacts = createMemoryArtifacts();
  const dataDirectory = createLocalDataDirectory(dataDir);
  const activity = createLoadDataset({
    artifacts,
    dataDirectory,
    frames: danfoFrames,
    digests: nodeDigests,
    calendar: timeZones,
  });
  const input = { run: 'run', dataset: parsePipelineInput({ dataset }).dataset, asOf };
  const result = await runActivity(activity, input);
  return { result, table: await readJson<RatingTable>(artifacts, result.table) };
}

/** Loads a file films.csv of this content. */
export async function loadCsv(
  dir: string,
  content: string | Uint8Array,
  dataset: PipelineInputJson['dataset'] = {},
) {
  await writeFile(join(dir, 'films.csv'), content);
  return loadFile(dir, { path: 'films.csv', ...dataset });
}
