import type { ArtifactInventory, ArtifactStore } from '../activities/artifact-store.ts';
import type { StoreIdentity } from '../activities/store-identity.ts';
import type { DataDirectory } from '../activities/dataset/data-directory.ts';
import type { Config } from '../config.ts';
import type { S3Place, StorePlace } from '../config/store-place.ts';
import { createLocalArtifactStore } from './files/artifact-store.ts';
import { createLocalInventory } from './files/inventory.ts';
import { createLocalDataDirectory } from './files/data-directory.ts';
import { createLocalReportFiles } from './files/report-files.ts';
import { createLocalStoreIdentity } from './files/store-identity.ts';
import type { ReportFiles } from './http/report-server.ts';
import type { Bucket } from './s3/bucket.ts';

type Settings = Pick<Config, 'artifacts' | 'data' | 's3'>;

/** What a place holds, whichever kind of place it is. */
export interface Stores {
  readonly artifacts: ArtifactStore;
  readonly inventory: ArtifactInventory;
  readonly identity: StoreIdentity;
  readonly reports: ReportFiles;
  readonly dataDirectory: DataDirectory;
}

/** The SDK of the object store takes a second to load, so it is loaded only for one. */
export async function openStores(config: Settings): Promise<Stores> {
  const [artifacts, dataDirectory] = await Promise.all([openArtifacts(config), openData(config)]);
  return { ...artifacts, dataDirectory };
}

/** Without a data directory, which commands do not read. */
export async function openArtifacts({
  artifacts,
  s3,
}: Omit<Settings, 'data'>): Promise<Omit<Stores, 'dataDirectory'>> {
  if (artifacts.kind === 'directory') {
    return {
      artifacts: createLocalArtifactStore(artifacts.path),
      inventory: createLocalInventory(artifacts.path),
      identity: createLocalStoreIdentity(artifacts.path),
      reports: createLocalReportFiles(artifacts.path),
    };
  }
  const [
    bucket,
    { createS3ArtifactStore },
    { createS3Inventory },
    { createS3ReportFiles },
    { createS3StoreIdentity },
  ] = await Promise.all([
    openBucket(s3, artifacts),
    import('./s3/artifact-store.ts'),
    import('./s3/inventory.ts'),
    import('./s3/report-files.ts'),
    import('./s3/store-identity.ts'),
  ]);
  return {
    artifacts: createS3ArtifactStore(bucket),
    inventory: createS3Inventory(bucket),
    identity: createS3StoreIdentity(bucket),
    reports: createS3ReportFiles(bucket),
  };
}

async function openData({ data, s3 }: { readonly data: StorePlace; readonly s3: Config['s3'] }) {
  if (data.kind === 'directory') return createLocalDataDirectory(data.path);
  const [bucket, { createS3DataDirectory }] = await Promise.all([
    openBucket(s3, data),
    import('./s3/data-directory.ts'),
  ]);
  return createS3DataDirectory(bucket);
}

async function openBucket(settings: Config['s3'], place: S3Place): Promise<Bucket> {
  const { createBucket } = await import('./s3/bucket.ts');
  return createBucket(settings, place);
}
