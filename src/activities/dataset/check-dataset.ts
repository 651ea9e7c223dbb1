import type { ArtifactRef } from '../../domain/artifact.ts';
import { distributionOf } from '../../domain/dataset/quality/distribution.ts';
import { measureDrift, type DriftMeasures } from '../../domain/dataset/quality/drift-measures.ts';
import {
  falseAlarmsOf,
  judgeDrift,
  sharedColumns,
  type ColumnProfile,
  type DatasetProfile,
  type Drift,
} from '../../domain/dataset/quality/drift.ts';
import { missingShare, requireQuality, type QualityLimits } from '../../domain/dataset/quality/gates.ts';
import { histogramsOf, type DriftHistograms } from '../../domain/dataset/quality/histogram.ts';
import { sortInSlices } from '../../domain/dataset/quality/sort-in-slices.ts';
import { toTableSchema } from '../../domain/dataset/rating-table.ts';
import type { CheckDatasetResult, LoadDatasetResult } from '../../domain/run/step-results.ts';
import { writeJson, type ArtifactStore } from '../artifact-store.ts';
import { pause as letOthersRun, withHeartbeat } from '../heartbeat.ts';
import type { ModelRegistry } from '../registry/model-registry.ts';
import type { Tables } from '../tables.ts';
import { readProfile, writeProfile } from './profile.ts';

export interface CheckDatasetInput {
  readonly run: string;
  readonly loaded: Pick<LoadDatasetResult, 'table' | 'source' | 'rows' | 'gaps' | 'features' | 'target'>;
  readonly limits: QualityLimits;
  /** Name in the registry. */
  readonly model: string;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly registry: ModelRegistry;
  readonly tables: Tables;
}

interface FormerDataset {
  readonly version: string;
  readonly profile: DatasetProfile;
}

/** Columns that are held at the same time. Each further pass verifies the whole table again. */
const MAX_COLUMN_BYTES = 64_000_000;

/**
 * Compares the rows that were kept with the limits of the input and with the rows that the champion was trained from,
 * and writes their profile, which a later run is compared with. A retry compares with the model that is champion by then.
 *
 * @throws DataQualityError with every limit that is exceeded; RegistryError, ArtifactStoreError, ArtifactCorrupt
 */
export function createCheckDataset({ artifacts, registry, tables }: Deps) {
  async function championOf(model: string): Promise<FormerDataset | null> {
    const champion = await registry.champion(model);
    if (champion === null) return null;
    const { version, profile } = champion.model;
    return { version, profile: await readProfile(tables, profile) };
  }

  return async function checkDataset(input: CheckDatasetInput): Promise<CheckDatasetResult> {
    const { run, loaded, limits, model } = input;
    const { features, target } = loaded;
    const names = [...features, target];
    return withHeartbeat(async (signal, report) => {
      const champion = await championOf(model);
      const shared = champion ? sharedColumns(champion.profile, names) : [];
      const former = new Map(
        champion?.profile.columns
          .filter(({ column }) => shared.includes(column))
          .map((one) => [one.column, one]),
      );
      const columns: ColumnProfile[] = [];
      const measures = new Map<string, DriftMeasures>();
      const pause = async (): Promise<void> => {
        await letOthersRun();
        signal.throwIfAborted();
      };
      for await (const { column, values } of readColumns(tables, loaded)) {
        report({ columns: columns.length, of: names.length });
        const sorted = await sortInSlices(values, pause);
        columns.push({ column, missing: missingShare(loaded, column), ...distributionOf(sorted) });
        const before = former.get(column);
        if (before) measures.set(column, measureDrift(before, sorted, falseAlarmsOf(shared.length)));
      }
      const profile = { target, columns };
      const drift = judgeDrift(champion, profile, measures, limits.maxPsi);
      requireQuality(loaded, drift, limits);
      return {
        profile: await writeProfile(tables, run, profile),
        drift,
        histograms: champion && (await writeHistograms(run, drift, champion.profile, profile)),
      };
    });
  };

  function writeHistograms(
    run: string,
    drift: Drift,
    before: DatasetProfile,
    now: DatasetProfile,
  ): Promise<ArtifactRef> {
    const find = ({ columns }: DatasetProfile, name: string): ColumnProfile =>
      columns.find(({ column }) => column === name) as ColumnProfile;
    const histograms: DriftHistograms = drift.columns.map(({ column }) => ({
      column,
      ...histogramsOf(find(before, column), find(now, column)),
    }));
    return writeJson(artifacts, run, 'histograms', histograms.length, histograms);
  }
}

interface NamedColumn {
  readonly column: string;
  /** All rows; the caller's own. */
  readonly values: Float64Array;
}

/** One column after the other, in passes over the table that hold as many as {@link MAX_COLUMN_BYTES} allows. */
async function* readColumns(
  tables: Tables,
  { table, features, target }: CheckDatasetInput['loaded'],
): AsyncIterable<NamedColumn> {
  const names = [...features, target];
  const stored = toTableSchema({ features, target }).columns.slice(-names.length);
  const perPass = Math.max(1, Math.floor(MAX_COLUMN_BYTES / (table.rows * Float64Array.BYTES_PER_ELEMENT)));
  for (let first = 0; first < names.length; first += perPass) {
    const columns = names
      .slice(first, first + perPass)
      .map((column) => ({ column, values: new Float64Array(table.rows) }));
    const wanted = stored.slice(first, first + perPass).map(({ name }) => name);
    let at = 0;
    for await (const batch of tables.read(table, wanted)) {
      for (const [i, { values }] of columns.entries()) values.set(batch.columns[i] as Float64Array, at);
      at += batch.rows;
    }
    yield* columns;
  }
}
