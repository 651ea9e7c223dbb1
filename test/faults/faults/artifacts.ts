import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { batchName, repairUpdate } from '../../../src/domain/names.ts';
import type { ActivityName } from './place.ts';
import { expectEffect, FaultDidNotFire, untilClaimed, type Firing, type FaultContext } from './context.ts';
import { releaseHold, type Claim, type Injection } from './injection.ts';
import { nextSuccess } from './kill.ts';

/** Replaces the artifact directory by a file (a mode would not stop root) until an attempt has failed because of it. */
export async function followArtifactsUnwritable(
  context: FaultContext,
  injection: Injection,
): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const { artifactDir } = context;
  const away = `${artifactDir}.away`;
  await mkdir(artifactDir, { recursive: true });
  await rename(artifactDir, away);
  await writeFile(artifactDir, '');
  releaseHold(context.directory, injection);
  try {
    await expectEffect('a pending attempt to show ArtifactStoreError', () =>
      pendingStoreError(context, claim),
    );
  } finally {
    await rm(artifactDir);
    await rename(away, artifactDir);
  }
  const done = await nextSuccess(context, claim);
  return {
    proof: `ArtifactStoreError pending in ${claim.activity}, then repaired`,
    resumeSeconds: (done.atMs - claim.atMs) / 1000,
  };
}

async function pendingStoreError(
  { client }: FaultContext,
  { workflowId, activity }: Claim,
): Promise<boolean> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return (raw.pendingActivities ?? []).some(
    ({ activityType, lastFailure }) =>
      activityType?.name === activity && lastFailure?.applicationFailureInfo?.type === 'ArtifactStoreError',
  );
}

/** The artifact that each activity reads first, and that no activity has read before. */
const FIRST_READ: Partial<Record<ActivityName, (part: string) => string>> = {
  predictMicroBatch: (batch) => `${batchName(Number(batch))}-rows`,
  publishPredictions: (batch) => `${batchName(Number(batch))}-scored`,
  evaluateModel: () => 'model',
  publishSplit: (split) => split,
  writeReport: () => 'predictions',
};

/**
 * Flips a byte of an artifact before it is read. The step must fail for good and use nothing of it. The operator
 * restores the file, and retries the micro-batch or resets the run to the step.
 */
export async function followArtifactCorrupt(
  context: FaultContext,
  injection: Injection,
  random: number,
): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const name = FIRST_READ[injection.place.activity]?.(claim.part);
  const files = await readdir(context.artifactDir, { recursive: true });
  const isWanted = new RegExp(`(^|/)${name ?? 'none'}-[0-9a-f]{12}\\.[a-z]+$`);
  const file = files.find((path) => isWanted.test(path));
  if (file === undefined) throw new FaultDidNotFire(`artifact ${name ?? 'to read'} does not exist yet`);
  const path = join(context.artifactDir, file);
  await flipByte(path, random);
  releaseHold(context.directory, injection);
  const proof = await expectEffect('the step to fail with ArtifactCorrupt', () =>
    corruptFailure(context, claim),
  );
  await flipByte(path, random);
  const isBatch = claim.workflowId !== context.workflowId;
  await (isBatch ? retryFailedBatches(context, claim) : resetToFailedStep(context));
  const done = await nextSuccess(context, claim);
  return {
    proof: `${proof}; restored, ${isBatch ? 'batch retried' : 'run reset'}`,
    resumeSeconds: (done.atMs - claim.atMs) / 1000,
  };
}

async function flipByte(path: string, random: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const position = Math.floor(random * size);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte.writeUInt8(byte.readUInt8() ^ 1);
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}

async function corruptFailure({ client }: FaultContext, { workflowId }: Claim): Promise<string | undefined> {
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

/** Does what an operator does in the UI: resets the run to just before the activity or child that failed last. */
async function resetToFailedStep({ client, workflowId }: FaultContext): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const startedAt = (events ?? []).flatMap(
    ({ activityTaskFailedEventAttributes, childWorkflowExecutionFailedEventAttributes }) =>
      activityTaskFailedEventAttributes?.scheduledEventId ??
      childWorkflowExecutionFailedEventAttributes?.initiatedEventId ??
      [],
  );
  const started = events?.find(({ eventId }) => String(eventId) === String(startedAt.at(-1)));
  const decidedAt =
    started?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId ??
    started?.startChildWorkflowExecutionInitiatedEventAttributes?.workflowTaskCompletedEventId;
  if (!decidedAt) throw new Error(`${workflowId} has no failed step to reset to`);
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'the artifact was restored',
    workflowTaskFinishEventId: decidedAt,
    requestId: randomUUID(),
  });
}

/** Sends the update that an operator would send: the stream keeps its failed micro-batches until then. */
async function retryFailedBatches({ client }: FaultContext, { workflowId }: Claim): Promise<void> {
  const stream = client.workflow.getHandle(workflowId.slice(0, workflowId.lastIndexOf('/')));
  // Refused until the stream has recorded the failure.
  await expectEffect('the failed micro-batch to be retried', () =>
    stream.executeUpdate(repairUpdate.retryFailed).then(
      () => true,
      () => false,
    ),
  );
}
