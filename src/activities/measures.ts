import type { Measure } from '../domain/metrics.ts';
import { manifestTotals } from '../domain/log/offsets.ts';
import type { ArtifactStore } from './artifact-store.ts';
import type { Activities } from './index.ts';

type Measures = {
  readonly [Name in keyof Activities]?: (
    measure: Measure,
    result: Awaited<ReturnType<Activities[Name]>>,
    ...args: Parameters<Activities[Name]>
  ) => void;
};

/** What the result of an activity adds to the metrics. A micro-batch is measured by its stream, which knows its whole time. */
export const MEASURES: Measures = {
  loadDataset(measure, { rows: { kept, bad, empty, unreadable } }) {
    measure('imdb_rows_total', kept, { step: 'load' });
    for (const [reason, count] of Object.entries({ bad, empty, unreadable })) {
      measure('imdb_dropped_rows_total', count, { reason });
    }
  },
  publishSplit(measure, manifest, { split }) {
    measure('imdb_rows_total', manifestTotals(manifest).records, { step: `publish ${split}` });
  },
  consumeSplit(measure, { rows }, { split }) {
    measure('imdb_rows_total', rows.rows, { step: `consume ${split}` });
  },
  trainForest(measure, { trainingRows }) {
    measure('imdb_rows_total', trainingRows, { step: 'train' });
  },
  assembleForest(measure, { trainingRows }) {
    measure('imdb_rows_total', trainingRows, { step: 'train' });
  },
  sendNotification(measure) {
    measure('imdb_notifications_total', 1, { outcome: 'sent' });
  },
};

export function measureArtifacts(store: ArtifactStore, measure: Measure): ArtifactStore {
  const written = <Ref extends { readonly bytes: number }>(ref: Ref): Ref => {
    measure('imdb_artifact_written_bytes_total', ref.bytes, {});
    return ref;
  };
  return {
    ...store,
    write: async (artifact) => written(await store.write(artifact)),
    writeStream: async (artifact) => written(await store.writeStream(artifact)),
    async read(ref) {
      const bytes = await store.read(ref);
      measure('imdb_artifact_read_bytes_total', bytes.length, {});
      return bytes;
    },
    async *readStream(ref) {
      for await (const chunk of store.readStream(ref)) {
        measure('imdb_artifact_read_bytes_total', chunk.length, {});
        yield chunk;
      }
    },
  };
}
