import type { ArtifactInventory, ArtifactStore } from '../activities/artifact-store.ts';
import type { StoreIdentity } from '../activities/store-identity.ts';
import type { DataDirectory } from '../activities/dataset/data-directory.ts';
import type { Config } from '../config.ts';
import type { S3Place } from '../config/store-place.ts';
import { createLocalArtifactStore } from './files/artifact-store.ts';
import { checkLocalData, checkLocalStore } from './files/checks.ts';
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
  /** Writes, reads and removes something small. @throws ArtifactStoreError, AccessError */
  readonly checkArtifacts: () => Promise<void>;
  readonly dataDirectory: DataDirectory;
  /** Looks whether it can be read. @throws ArtifactStoreError, AccessError */
  readonly checkData: () => Promise<void>;
}

/** The SDK of the object store takes a second to load, so it is loaded only for one. */
export async function openStores(config: Settings): Promise<Stores> {
  const [artifacts, data] = await Promise.all([openArtifacts(config), openData(config)]);
  return { ...artifacts, ...data };
}

/** Without a data directory, which commands do not read. */
export async function openArtifacts({
  artifacts,
  s3,
}: Omit<Settings, 'data'>): Promise<Omit<Stores, 'dataDirectory' | 'checkData'>> {
  if (artifacts.kind === 'directory') {
    return {
      artifacts: createLocalArtifactStore(artifacts.path),
      inventory: createLocalInventory(artifacts.path),
      identity: createLocalStoreIdentity(artifacts.path),
      reports: createLocalReportFiles(artifacts.path),
      checkArtifacts: () => checkLocalStore(artifacts.path),
    };
  }
  const [
    bucket,
    { createS3ArtifactStore },
    { createS3Inventory },
    { createS3ReportFiles },
    { createS3StoreIdentity },
    { checkS3Store },
  ] = await Promise.all([
    openBucket(s3, artifacts),
    import('./s3/artifact-store.ts'),
    import('./s3/inventory.ts'),
    import('./s3/report-files.ts'),
    import('./s3/store-identity.ts'),
    import('./s3/checks.ts'),
  ]);
  return {
    artifacts: createS3ArtifactStore(bucket),
    inventory: createS3Inventory(bucket),
    identity: createS3StoreIdentity(bucket),
    reports: createS3ReportFiles(bucket),
    checkArtifacts: () => checkS3Store(bucket),
  };
}

async function openData({
  data,
  s3,
}: Omit<Settings, 'artifacts'>): Promise<Pick<Stores, 'dataDirectory' | 'checkData'>> {
  if (data.kind === 'directory') {
    return {
      dataDirectory: createLocalDataDirectory(data.path),
      checkData: () => checkLocalData(data.path),
    };
  }
  const [bucket, { createS3DataDirectory }, { checkS3Data }] = await Promise.all([
    openBucket(s3, data),
    import('./s3/data-directory.ts'),
    import('./s3/checks.ts'),
  ]);
  return { dataDirectory: createS3DataDirectory(bucket), checkData: () => checkS3Data(bucket) };
}

async function openBucket(settings: Config['s3'], place: S3Place): Promise<Bucket> {
  const { createBucket } = await import('./s3/bucket.ts');
  return createBucket(settings, place);
}
