import {
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { InvalidInput } from '../../domain/errors.ts';
import { repairUpdate, streamSignal } from '../../domain/names.ts';
import { parseRepairInput, type RepairInput } from '../../domain/stream/repair-input.ts';
import type { MicroBatchWindow } from './window.ts';

export const pauseSignal = defineSignal(streamSignal.pause);
export const resumeSignal = defineSignal(streamSignal.resume);
const stopSignal = defineSignal(streamSignal.stop);
export const attentionSignal = defineSignal<[text: string | null]>(streamSignal.attention);

/** An answer stays readable and small. */
const MAX_LISTED = 100;

const retryFailed = defineUpdate<string, [RepairInput | undefined]>(repairUpdate.retryFailed);
const skipFailed = defineUpdate<string, [RepairInput | undefined]>(repairUpdate.skipFailed);

/** What an operator may do with a stream, from the Temporal UI or with `imdb repair`. */
export function handleOperator(window: MicroBatchWindow): void {
  setHandler(pauseSignal, window.pause, { description: 'Start no further micro-batch until "resume"' });
  setHandler(resumeSignal, window.resume, { description: 'Continue after "pause"' });

  const validator = (input: RepairInput | undefined): void => void chooseFailed(window, input);
  setHandler(
    retryFailed,
    (input) => {
      const batches = chooseFailed(window, input);
      window.retry(batches);
      return (
        `retrying: ${describeBatches(batches)}. ` +
        'Nothing more to do: the details of the stream count the failed ones down, and its run goes on when none is left'
      );
    },
    {
      description: 'Retry failed micro-batches: {"batches": [3, 7]}, or nothing for all of them',
      validator,
    },
  );
  setHandler(
    skipFailed,
    (input) => {
      const batches = chooseFailed(window, input);
      window.skip(batches);
      return (
        `skipped: ${describeBatches(batches)}. ` +
        'Nothing more to do: the stream goes on; their records get no prediction, and the result counts them under "skipped"'
      );
    },
    {
      description: 'Skip failed micro-batches for good: {"batches": [3, 7]}, or nothing for all of them',
      validator,
    },
  );
}

/** Ends a continuous stream. A signal that arrived earlier is delivered while the handler is set. */
export function handleStop(window: MicroBatchWindow): void {
  setHandler(stopSignal, window.stop, { description: 'Finish the micro-batches in flight, then complete' });
}

/** @throws InvalidInput when a named batch has not failed; thrown in a validator, it refuses the update */
function chooseFailed(window: MicroBatchWindow, input: RepairInput | undefined): number[] {
  const failed = window.failed().map(({ batch }) => batch);
  const { batches = failed } = parseRepairInput(input);
  const isFailed = new Set(failed);
  const wrong = batches.filter((batch) => !isFailed.has(batch));
  if (wrong.length === 0 && batches.length > 0) return [...new Set(batches)];
  throw new InvalidInput({
    what: 'these micro-batches have not failed',
    expected:
      failed.length === 0 ? 'a failed micro-batch; there is none' : `some of ${describeBatches(failed)}`,
    got: describeBatches(wrong) || 'none',
  });
}

/** `3, 7, 9`; thousands may have failed. */
function describeBatches(batches: readonly number[]): string {
  const more = batches.length - MAX_LISTED;
  return batches.slice(0, MAX_LISTED).join(', ') + (more > 0 ? ` … and ${more} more` : '');
}

/** Signals the run that started this stream, so that the run's page in the UI shows it. */
export async function signalParent(attention: string | null): Promise<void> {
  const { parent } = workflowInfo();
  if (!parent) return;
  // A parent that has ended meanwhile needs no signal.
  await getExternalWorkflowHandle(parent.workflowId)
    .signal(attentionSignal, attention)
    .catch(() => undefined);
}
