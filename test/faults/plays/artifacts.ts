import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { batchName } from '../../../src/domain/names.ts';
import type { ActivityName } from '../place.ts';
import { expectSoon, FaultDidNotFire, untilClaimed, type Firing, type Scene } from '../scene.ts';
import { releaseHold, type Claim, type Strike } from '../strike.ts';
import { nextSuccess } from './kill.ts';
import { resetToFailedStep, retryFailedBatches } from './repair.ts';

/** The artifact directory is replaced by a file (a mode would not stop root), until an attempt has failed for it. */
export async function playArtifactsUnwritable(scene: Scene, strike: Strike): Promise<Firing> {
  const claim = await untilClaimed(scene, strike);
  const { artifactDir } = scene;
  const away = `${artifactDir}.away`;
  await mkdir(artifactDir, { recursive: true });
  await rename(artifactDir, away);
  await writeFile(artifactDir, '');
  releaseHold(scene.directory, strike);
  try {
    await expectSoon('a pending attempt to show ArtifactStoreError', () => pendingStoreError(scene, claim));
  } finally {
    await rm(artifactDir);
    await rename(away, artifactDir);
  }
  const done = await nextSuccess(scene, claim);
  return {
    proof: `ArtifactStoreError pending in ${claim.activity}, then mended`,
    resumeSeconds: (done.atMs - claim.atMs) / 1000,
  };
}

async function pendingStoreError({ client }: Scene, { workflowId, activity }: Claim): Promise<boolean> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return (raw.pendingActivities ?? []).some(
    ({ activityType, lastFailure }) =>
      activityType?.name === activity && lastFailure?.applicationFailureInfo?.type === 'ArtifactStoreError',
  );
}

/** What each activity reads first, and nobody has read before it. */
const FIRST_READ: Partial<Record<ActivityName, (part: string) => string>> = {
  predictMicroBatch: (batch) => `${batchName(Number(batch))}-rows`,
  publishPredictions: (batch) => `${batchName(Number(batch))}-scored`,
  evaluateModel: () => 'model',
  publishSplit: (split) => split,
  writeReport: () => 'predictions',
};

/**
 * A byte of an artifact changes before it is read. The step must fail for good and use nothing of it. The operator
 * restores the file, and tries the micro-batch again or resets the run to the step.
 */
export async function playArtifactCorrupt(scene: Scene, strike: Strike, dice: number): Promise<Firing> {
  const claim = await untilClaimed(scene, strike);
  const name = FIRST_READ[strike.place.activity]?.(claim.part);
  const files = await readdir(scene.artifactDir, { recursive: true });
  const isWanted = new RegExp(`(^|/)${name ?? 'none'}-[0-9a-f]{12}\\.[a-z]+$`);
  const file = files.find((path) => isWanted.test(path));
  if (file === undefined) throw new FaultDidNotFire(`there is no artifact ${name ?? 'to read'} yet`);
  const path = join(scene.artifactDir, file);
  await flipByte(path, dice);
  releaseHold(scene.directory, strike);
  const proof = await expectSoon('the step to fail with ArtifactCorrupt', () => corruptFailure(scene, claim));
  await flipByte(path, dice);
  const isBatch = claim.workflowId !== scene.workflowId;
  await (isBatch ? retryFailedBatches(scene, claim) : resetToFailedStep(scene));
  const done = await nextSuccess(scene, claim);
  return {
    proof: `${proof}; restored, ${isBatch ? 'batch tried again' : 'run reset'}`,
    resumeSeconds: (done.atMs - claim.atMs) / 1000,
  };
}

async function flipByte(path: string, dice: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const position = Math.floor(dice * size);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte.writeUInt8(byte.readUInt8() ^ 1);
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}

async function corruptFailure({ client }: Scene, { workflowId }: Claim): Promise<string | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') return undefined;
  const { events } = await handle.fetchHistory();
  const failure = (events ?? [])
    .map((event) => event.activityTaskFailedEventAttributes?.failure)
    .find((candidate) => candidate?.applicationFailureInfo?.type === 'ArtifactCorrupt');
  if (status.name !== 'FAILED' || !failure) {
    throw new FaultDidNotFire(`${workflowId} was ${status.name} and not failed by the changed artifact`);
  }
  return failure.message?.split(':')[0] ?? 'ArtifactCorrupt';
}
