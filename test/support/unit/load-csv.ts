import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLoadDataset } from '../../../src/activities/dataset/load-dataset.ts';
import type { DatasetReader } from '../../../src/activities/dataset/dataset-reader.ts';
import { createArrowTables } from '../../../src/adapters/arrow/tables.ts';
import { openFrames } from '../../../src/adapters/csv/thread/frames.ts';
import { readTable } from '../../../src/adapters/csv/thread/read-table.ts';
import { createLocalDataDirectory } from '../../../src/adapters/files/data-directory.ts';
import { timeZones } from '../../../src/adapters/time-zones.ts';
import { parsePipelineInput, type PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import { runActivity } from './activity.ts';
import { createMemoryArtifacts } from './memory-artifacts.ts';
import { loadRatingRows } from './rating-table.ts';

const frames = openFrames();
const AS_OF = '2026-11-22T02:00:00Z';

/** What the thread does, in this one: starting a thread for each test takes too long. */
const readHere: DatasetReader = {
  async read(file, options, _signal, report) {
    const { facts, sha256, bytes, batches } = await readTable(file, options, frames, report);
    const schema = { features: facts.features, target: facts.target };
    return {
      facts,
      schema,
      sha256,
      bytes,
      rows: async function* () {
        yield* batches();
      },
      close: () => Promise.resolve(),
    };
  },
};

/** Runs the activity with the real file system and danfo. */
export async function loadFile(dataDir: string, dataset: PipelineInputJson['dataset'], asOf = AS_OF) {
  const tables = createArrowTables(createMemoryArtifacts());
  const activity = createLoadDataset({
    calendar: timeZones,
    dataDirectory: createLocalDataDirectory(dataDir),
    datasets: readHere,
    tables,
  });
  const input = { run: 'run', dataset: parsePipelineInput({ dataset }).dataset, asOf };
  const result = await runActivity(activity, input);
  const { features, target } = result;
  const rows = await loadRatingRows(tables, result.table);
  const table = {
    ...{ features, target, keys: rows.keys, labels: rows.labels },
    rowIds: [...rows.rowIds],
    columns: rows.columns.map((column) => [...column]),
    targets: [...rows.targets],
  };
  return { result, table, tables };
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
