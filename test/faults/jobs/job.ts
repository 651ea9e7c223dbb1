import type { Verdict } from '../report/oracle.ts';
import type { RunWatch } from './run-watch.ts';

/** What a round runs while its faults are injected. */
export interface Job {
  /** Creates the topics and what else the job needs. */
  readonly prepare: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Called after the recovery from every fault: waits for the end and judges the records. */
  readonly conclude: (watch: RunWatch) => Promise<Verdict[]>;
}
