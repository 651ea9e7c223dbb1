import { condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { parseApprovalInput, type ApprovalInput } from '../../domain/registry/approval-input.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { approvalUpdate } from '../../domain/names.ts';

const approve = defineUpdate<string, [ApprovalInput | undefined]>(approvalUpdate.approve);
const reject = defineUpdate<string, [ApprovalInput | undefined]>(approvalUpdate.reject);

export interface Answer {
  readonly isApproved: boolean;
  /** Who or why, as they wrote it. */
  readonly note: string;
}

/**
 * Lets a person approve or reject what the run wants to do.
 *
 * @param onChange what is waited for, and null when nothing is any more
 */
export function createApproval(onChange: (question: string | null) => void) {
  let isWaiting = false;
  let answer: Answer | undefined;

  const answerWith =
    (isApproved: boolean) =>
    (input: ApprovalInput | undefined): string => {
      answer = { isApproved, note: parseApprovalInput(input).note };
      return isApproved ? 'approved' : 'rejected';
    };
  const validator = (input: ApprovalInput | undefined): void => {
    parseApprovalInput(input);
    if (isWaiting && answer === undefined) return;
    throw new InvalidInput({
      what: 'this run does not wait for an approval',
      expected: 'a run with promotion.approval "manual" at its step "promote"',
      got: answer === undefined ? 'one that does not wait' : 'one that was answered',
    });
  };
  setHandler(approve, answerWith(true), {
    description: 'Make the model of this run the champion: nothing, or {"note": "…"}',
    validator,
  });
  setHandler(reject, answerWith(false), {
    description: 'Keep the champion, the run goes on: nothing, or {"note": "…"}',
    validator,
  });

  return {
    /** @returns undefined when nobody has answered in time */
    async ask(question: string, timeoutHours: number): Promise<Answer | undefined> {
      isWaiting = true;
      answer = undefined;
      onChange(question);
      try {
        await condition(() => answer !== undefined, timeoutHours * 3_600_000);
        return answer;
      } finally {
        isWaiting = false;
        onChange(null);
      }
    },
  };
}

export type Approval = ReturnType<typeof createApproval>;
