import { condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { parseApprovalInput, type ApprovalInput } from '../../domain/registry/approval-input.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { approvalUpdate } from '../../domain/names.ts';

const approve = defineUpdate<string, [ApprovalInput | undefined]>(approvalUpdate.approve);
const reject = defineUpdate<string, [ApprovalInput | undefined]>(approvalUpdate.reject);

const APPROVED =
  'approved: the run goes on, and its model becomes the champion. The result of the step "promote" in its details says so. ' +
  'To undo it, send the update "rollback" to the model registry, which the details link to';
const REJECTED =
  'rejected: the run goes on, and the champion stays. To use the model after all, send the update "promote" with its ' +
  'version to the model registry, which the details link to';

export interface Answer {
  readonly isApproved: boolean;
  /** Name or reason, as the operator wrote it. */
  readonly note: string;
}

/**
 * Lets an operator approve or reject the promotion of the run's model.
 *
 * @param onChange receives the question, and null when the run no longer waits for the answer
 */
export function createApproval(onChange: (question: string | null) => void) {
  let isWaiting = false;
  let answer: Answer | undefined;

  const answerWith =
    (isApproved: boolean) =>
    (input: ApprovalInput | undefined): string => {
      answer = { isApproved, note: parseApprovalInput(input).note };
      return isApproved ? APPROVED : REJECTED;
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
    description: 'Keep the champion; the run continues: nothing, or {"note": "…"}',
    validator,
  });

  return {
    /** @returns undefined when no answer arrived in time */
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
