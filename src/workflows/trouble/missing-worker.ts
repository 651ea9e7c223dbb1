import { CancellationScope, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { noWorkerText, TROUBLE_AFTER_MS } from '../../domain/run/trouble.ts';
import { describeTrainingWait, type TrainingTurn } from '../../domain/run/worker-facts.ts';
import { beginWork, endWork, setTrouble, setWaiting } from './watch.ts';

/** A training may take hours: the questions become rare, so that its history stays small. */
const MAX_INTERVAL_MS = 8 * 60_000;

const { findTrainingWorker } = proxyLocalActivities<Pick<Activities, 'findTrainingWorker'>>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '20 seconds',
});

let trainings = 0;
let scope: CancellationScope | undefined;

/**
 * Without a worker no attempt is made, so none can fail: asks from time to time whether a worker takes trainings. One
 * watch serves all trainings of a workflow.
 *
 * @returns what to call when the training has ended
 */
export function watchForWorker(taskQueue: string, activity: string): () => void {
  trainings += 1;
  if (!scope) {
    scope = new CancellationScope();
    beginWork(taskQueue, activity);
    // Ends by its cancellation, or that of the workflow.
    scope.run(() => keepAsking(taskQueue, activity)).catch(() => undefined);
  }
  return () => {
    trainings -= 1;
    if (trainings > 0) return;
    scope?.cancel();
    scope = undefined;
    setWaiting(null);
    endWork(taskQueue);
  };
}

async function keepAsking(taskQueue: string, activity: string): Promise<never> {
  const since = new Date().toISOString();
  let known: TrainingTurn = 'begun';
  for (let ms = TROUBLE_AFTER_MS; ; ms = Math.min(2 * ms, MAX_INTERVAL_MS)) {
    await sleep(ms, { summary: `is there a worker on ${taskQueue}?` });
    // Without an answer, nothing is known that was not known before.
    const turn = await findTrainingWorker(taskQueue).catch(() => undefined);
    if (turn === undefined) continue;
    setWaiting(turn === 'waiting' ? describeTrainingWait(new Date().toISOString()) : null);
    if (turn === known) continue;
    known = turn;
    const message = noWorkerText(taskQueue);
    setTrouble(
      taskQueue,
      turn === 'missing'
        ? { activity, type: 'WorkerMissing', message, attempt: 0, since, nextAttemptAt: null }
        : null,
    );
  }
}
