import {
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { z } from 'zod';
import { InvalidInput } from '../../domain/errors.ts';
import { parseInput, section } from '../../domain/input-schema.ts';
import { repairUpdate, streamSignal } from '../../domain/names.ts';
import type { FailedBatch } from '../../domain/stream/workflow-inputs.ts';
import type { MicroBatchWindow } from './window.ts';

export const pauseSignal = defineSignal(streamSignal.pause);
export const resumeSignal = defineSignal(streamSignal.resume);
const stopSignal = defineSignal(streamSignal.stop);
export const attentionSignal = defineSignal<[text: string | null]>(streamSignal.attention);

const repairInput = section({ batches: z.array(z.int().min(0)).min(1).optional() });
type RepairInput = z.input<typeof repairInput>;

const retryFailed = defineUpdate<string, [RepairInput | undefined]>(repairUpdate.retryFailed);
const skipFailed = defineUpdate<string, [RepairInput | undefined]>(repairUpdate.skipFailed);

interface Operated {
  readonly window: MicroBatchWindow;
  readonly onSkip: (skipped: readonly FailedBatch[]) => void;
}

/** What an operator may do with a stream, from the Temporal UI or with `imdb repair`. */
export function handleOperator({ window, onSkip }: Operated): void {
  setHandler(
    pauseSignal,
    () => {
      window.pause();
    },
    { description: 'Start no further micro-batch until "resume"' },
  );
  setHandler(
    resumeSignal,
    () => {
      window.resume();
    },
    { description: 'Go on after "pause"' },
  );
  setHandler(
    retryFailed,
    (input: RepairInput | undefined) => {
      const batches = chosen(window, input);
      window.retry(batches);
      return `tried again: ${batches.join(', ')}`;
    },
    {
      description: 'Try failed micro-batches again: {"batches": [3, 7]}, or nothing for all of them',
      validator: (input: RepairInput | undefined) => void chosen(window, input),
    },
  );
  setHandler(
    skipFailed,
    (input: RepairInput | undefined) => {
      const skipped = window.skip(chosen(window, input));
      onSkip(skipped);
      return `left out for good: ${skipped.map(({ batch }) => batch).join(', ')}`;
    },
    {
      description: 'Leave failed micro-batches out for good: {"batches": [3, 7]}, or nothing for all of them',
      validator: (input: RepairInput | undefined) => void chosen(window, input),
    },
  );
}

/**
 * Whether somebody wants the stream to end. Made before whatever asks: a signal that came before the stream was open is
 * delivered while its handler is set.
 */
export function createStop() {
  let isStopping = false;
  return {
    isStopping: () => isStopping,
    handle(window: MicroBatchWindow): void {
      setHandler(
        stopSignal,
        () => {
          isStopping = true;
          window.drain();
        },
        { description: 'Finish the micro-batches in flight, then complete' },
      );
    },
  };
}

/** @throws InvalidInput when a batch is named that has not failed; in a validator that refuses the update */
function chosen({ failed }: MicroBatchWindow, input: RepairInput | undefined): number[] {
  const there = [...failed.keys()].sort((a, b) => a - b);
  const hint = '{"batches": [3, 7]} names failed micro-batches; without it all of them are meant';
  const { batches = there } = parseInput('the update', repairInput, input, hint);
  const wrong = batches.filter((batch) => !failed.has(batch));
  if (wrong.length === 0 && batches.length > 0) return [...new Set(batches)];
  throw new InvalidInput({
    what: 'these micro-batches have not failed',
    expected: there.length === 0 ? 'a failed micro-batch; there is none' : `some of ${there.join(', ')}`,
    got: wrong.join(', ') || 'none',
  });
}

/** Tells the run that started this stream, so that its own page in the UI says so. */
export async function tellParent(text: string | null): Promise<void> {
  const { parent } = workflowInfo();
  if (!parent) return;
  // A parent that has ended meanwhile need not know.
  await getExternalWorkflowHandle(parent.workflowId)
    .signal(attentionSignal, text)
    .catch(() => undefined);
}
