import type { ArtifactInventory } from '../../activities/artifact-store.ts';
import { RUNS_FOLDER } from '../artifacts/names.ts';
import type { Bucket } from './bucket.ts';

export function createS3Inventory(bucket: Bucket): ArtifactInventory {
  return {
    async *list() {
      for await (const { name, ...facts } of bucket.list('cannot list artifacts', `${RUNS_FOLDER}/`))
        yield { uri: name, ...facts };
    },
    remove: (uris) => bucket.remove('cannot remove an artifact', uris),
  };
}
