import { withHeartbeat } from '../heartbeat.ts';
import type { RunTracker, TrackedRun } from './run-tracker.ts';

/** Finds or makes the run's place in MLflow. A retry finds the one that was made. */
export function createOpenMlflowRun({ tracker }: { readonly tracker: RunTracker }) {
  return async function openMlflowRun(run: TrackedRun): Promise<{ readonly url: string }> {
    const { recordUrl } = await withHeartbeat((signal) => tracker.open(run, signal));
    return { url: recordUrl };
  };
}
