import { batchOf } from '../names.ts';
import { stepOfCall, type PipelineStep } from './steps.ts';
import type { FailedAttempt, Trouble } from './trouble.ts';

interface Work {
  readonly step: PipelineStep | undefined;
  readonly begunMs: number;
  trouble: Trouble | null;
}

interface Listeners {
  /** Called at every change of what is shown; null when nothing fails any more. */
  readonly show: (trouble: Trouble | null) => void;
  /** Called at a beginning, at an end, and when other work or another failure is shown: few times in a long outage. */
  readonly tell: (trouble: Trouble | null, isBeginning: boolean) => void;
}

/** Times come from the server, whose parts may differ a little. */
const SKEW_MS = 1_000;

/** What a workflow waits for, activities and children, and what is wrong with it. */
export function createTroubleLedger({ show, tell }: Listeners) {
  const inProgress = new Map<string, Work>();
  const calls = new Map<string, number>();
  let shown: Trouble | null = null;
  let told: Trouble | null = null;

  function changed(): void {
    // The oldest: in an outage, all others are the same.
    const oldest = [...inProgress.values()].find(({ trouble }) => trouble !== null)?.trouble ?? null;
    if (oldest === shown) return;
    shown = oldest;
    show(oldest);
    if (oldest?.type === told?.type && oldest?.activity === told?.activity) return;
    const isBeginning = told === null;
    told = oldest;
    tell(oldest, isBeginning);
  }

  return {
    current: (): Trouble | null => shown,

    /**
     * @param id of an activity or a child workflow
     * @param name its type
     * @param nowMs in the workflow
     */
    begin: (id: string, name: string, nowMs: number): void => {
      const earlierCalls = calls.get(name) ?? 0;
      calls.set(name, earlierCalls + 1);
      inProgress.set(id, { step: stepOfCall(name, earlierCalls), begunMs: nowMs, trouble: null });
    },

    end: (id: string): void => {
      inProgress.delete(id);
      changed();
    },

    /**
     * Null: it works again. A report on work that has ended says nothing, nor does one on work that was scheduled before
     * it began: a reset delivers the signals of the old execution again.
     */
    set: (id: string, trouble: FailedAttempt | Trouble | null): void => {
      const work = inProgress.get(id);
      if (!work || (trouble && Date.parse(trouble.since) < work.begunMs - SKEW_MS)) return;
      work.trouble = trouble && { ...placeOf(id), ...trouble, ...(work.step && { step: work.step }) };
      changed();
    },
  };
}

/** A micro-batch is known by its workflow id. */
function placeOf(id: string): Pick<Trouble, 'place'> {
  const batch = batchOf(id.split('/').at(-1) ?? '');
  return batch === undefined ? {} : { place: `batch ${batch}` };
}
