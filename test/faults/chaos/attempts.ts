import type { Client } from '@temporalio/client';
import type { JournalLine } from '../worker/journal.ts';

/** What a worker without an artifact, or with another one, would fail with. */
const OF_ARTIFACTS = ['ArtifactStoreError', 'ArtifactCorrupt', 'ArtifactStoreMismatch'];

export interface FailedAttempts {
  readonly attempts: number;
  /** By failure type. */
  readonly failed: ReadonlyMap<string, number>;
  /** Begun, and ended with their worker. */
  readonly lost: number;
  /** About an artifact, with the workflow. */
  readonly ofArtifacts: readonly string[];
}

interface Failure {
  readonly message?: string | null;
  readonly applicationFailureInfo?: { readonly type?: string | null } | null;
}

/** What the workers have noted of each attempt, and what the histories say about artifacts. */
export async function readFailedAttempts(
  client: Client,
  journal: readonly JournalLine[],
): Promise<FailedAttempts> {
  const failed = new Map<string, number>();
  const ofArtifacts = await readHistories(client);
  for (const line of journal) {
    if (line.event !== 'failed') continue;
    failed.set(line.error, (failed.get(line.error) ?? 0) + 1);
    if (OF_ARTIFACTS.includes(line.error)) ofArtifacts.push(`${line.workflowId}: ${line.error}`);
  }
  const count = (event: JournalLine['event']) => journal.filter((line) => line.event === event).length;
  const attempts = count('started');
  return { attempts, failed, lost: attempts - count('done') - count('failed'), ofArtifacts };
}

/** An attempt that was repeated is named by the start of the next one. */
async function readHistories({ workflow }: Client): Promise<string[]> {
  const ofArtifacts: string[] = [];
  for await (const { workflowId, runId } of workflow.list()) {
    const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
    for (const event of events ?? []) {
      const failure: Failure | null | undefined =
        event.activityTaskStartedEventAttributes?.lastFailure ??
        event.activityTaskFailedEventAttributes?.failure;
      const type = failure?.applicationFailureInfo?.type ?? '';
      if (OF_ARTIFACTS.includes(type)) ofArtifacts.push(`${workflowId}: ${type}: ${failure?.message ?? ''}`);
    }
  }
  return ofArtifacts;
}
