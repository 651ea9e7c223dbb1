import { withHeartbeat } from '../heartbeat.ts';
import type { Followed, RegistryDecisions, RunTracker } from './run-tracker.ts';

/** Makes MLflow say what the registry has decided; the same decisions twice change nothing. */
export function createFollowInMlflow({ tracker }: { readonly tracker: RunTracker }) {
  return async function followInMlflow(decisions: RegistryDecisions): Promise<Followed> {
    return withHeartbeat((signal) => tracker.follow(decisions, signal));
  };
}
