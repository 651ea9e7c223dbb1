import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import type { LoadDatasetResult } from '../../domain/run/step-results.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { Calendar } from './calendar.ts';
import type { DataDirectory } from './data-directory.ts';
import type { DatasetReader } from './dataset-reader.ts';
import { explainPath, resolveDatasetPath } from './dataset-path.ts';
import { writeRatingRows } from './rating-rows.ts';

export interface LoadDatasetInput {
  readonly run: string;
  readonly dataset: PipelineInput['dataset'];
  /** Fills in the date parts of the path; ISO 8601. */
  readonly asOf: string;
}

interface Deps {
  readonly calendar: Calendar;
  readonly dataDirectory: DataDirectory;
  readonly datasets: DatasetReader;
  readonly tables: Tables;
}

/**
 * Loads the file: keeps the features and the target, and drops every row with a gap in them. A retry reads the file
 * again and writes the same artifact, which is named by its content.
 */
export function createLoadDataset({ calendar, dataDirectory, datasets, tables }: Deps) {
  return async function loadDataset(input: LoadDatasetInput): Promise<LoadDatasetResult> {
    const { run, dataset } = input;
    return withHeartbeat(async (signal, report) => {
      const { path, asOf } = resolveDatasetPath(dataset, input.asOf, calendar);
      let isOpen = false as boolean;
      try {
        return await dataDirectory.withFile(path, async (file) => {
          isOpen = true;
          const read = await datasets.read(file, dataset, signal, (rows) => {
            report({ rows });
          });
          try {
            const { facts, schema, sha256, bytes } = read;
            return {
              table: await writeRatingRows(tables, { run, name: 'dataset', schema, rows: read.rows() }),
              source: { path: file.name, sha256, bytes },
              ...(asOf !== undefined && { asOf }),
              ...facts,
            };
          } finally {
            await read.close();
          }
        });
      } catch (error) {
        throw isOpen ? error : explainPath(error, dataset, asOf);
      }
    });
  };
}
