import { CancellationScope, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { roleOfQueue } from '../../domain/roles.ts';
import { noWorkerText, TROUBLE_AFTER_MS } from '../../domain/run/trouble.ts';
import { describeTrainingWait } from '../../domain/run/worker-facts.ts';
import { ownState } from '../own-state.ts';
import { setTrouble, setWaiting } from './watch.ts';

/** Work may take hours: the questions become rare, so that its history stays small. */
const MAX_INTERVAL_MS = 8 * 60_000;

interface Work {
  readonly activity: string;
  readonly since: string;
}

const { findWorker } = proxyLocalActivities<Pick<Activities, 'findWorker'>>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '20 seconds',
});

/** By task queue: the work that waits there or is under way. */
const watched = ownState(() => new Map<string, Map<string, Work>>());

/**
 * Without a worker no attempt is made, so none can fail: asks from time to time whether a worker takes the work. One
 * timer for each task queue serves all work of a workflow, from the first to its end: a healthy workflow has no other
 * event from this.
 *
 * @param id as in `beginWork`
 * @returns what to call when the work has ended
 */
export function watchForWorker(taskQueue: string, id: string, activity: string): () => void {
  const work = watched().get(taskQueue) ?? watch(taskQueue);
  work.set(id, { activity, since: new Date().toISOString() });
  return () => {
    work.delete(id);
    if (work.size === 0) setWaiting(null);
  };
}

function watch(taskQueue: string): Map<string, Work> {
  const work = new Map<string, Work>();
  watched().set(taskQueue, work);
  // The scope of the first work may be cancelled with it. Nothing waits for this, so it ends with the workflow.
  void CancellationScope.nonCancellable(() => keepAsking(taskQueue, work));
  return work;
}

async function keepAsking(taskQueue: string, work: ReadonlyMap<string, Work>): Promise<never> {
  const role = roleOfQueue(taskQueue, 'activity');
  const message = noWorkerText({ taskQueue, role });
  let missing: string | undefined;
  for (let ms = TROUBLE_AFTER_MS; ; ms = Math.min(2 * ms, MAX_INTERVAL_MS)) {
    await sleep(ms, { summary: `is there a worker on ${taskQueue}?` });
    if (work.size === 0) continue;
    // Without an answer, nothing is known that was not known before.
    const turn = await findWorker(taskQueue).catch(() => undefined);
    const [first] = work;
    if (turn === undefined || !first) continue;
    setWaiting(turn === 'waiting' ? describeTrainingWait(new Date().toISOString()) : null);
    const [id, { activity, since }] = first;
    if (turn === 'missing') {
      missing = id;
      setTrouble(id, { activity, type: 'WorkerMissing', message, attempt: 0, since, nextAttemptAt: null });
    } else if (missing === id) {
      // Only then: another trouble of this work must stay.
      missing = undefined;
      setTrouble(id, null);
    }
  }
}
