import type { ArtifactStore } from '../artifact-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { PositionCommit, StreamLog } from './stream-log.ts';

export interface CommitProgressInput extends PositionCommit {
  /** All batches before this one are finished. */
  readonly finishedBatches: number;
}

interface Deps {
  readonly streamLog: StreamLog;
  readonly artifacts: ArtifactStore;
}

/**
 * Commits the stream's position, which Kafka's own tools show, and removes the artifacts of finished batches, because a
 * stream that runs for days must not fill the disk. A retry repeats both.
 */
export function createCommitProgress({ streamLog, artifacts }: Deps) {
  return async function commitProgress(input: CommitProgressInput): Promise<void> {
    const { finishedBatches, ...position } = input;
    await withHeartbeat(async () => {
      await streamLog.commit(position);
      await artifacts.discardBatches(position.stream, finishedBatches);
    });
  };
}
