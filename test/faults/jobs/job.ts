import type { Verdict } from '../oracle.ts';
import type { RunWatch } from '../run-watch.ts';

/** What a round does while its faults strike. */
export interface Job {
  /** Topics and whatever else is there before. */
  readonly prepare: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Called when every fault has been recovered from: to the end, and the oracle's word on all of it. */
  readonly conclude: (watch: RunWatch) => Promise<Verdict[]>;
}
