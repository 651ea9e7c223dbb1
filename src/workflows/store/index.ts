import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { STORE_HEADER } from '../../domain/names.ts';
import { ownState } from '../own-state.ts';

/** What tells activities and children the store of a workflow. */
const told = ownState((): { headers: Headers } => ({ headers: {} }));

/** Called when a workflow opens; one that has it from its parent, or from the run that it continues, keeps that. */
export function setStore(id: string): void {
  const own = told();
  if (!(STORE_HEADER in own.headers)) own.headers = { [STORE_HEADER]: defaultPayloadConverter.toPayload(id) };
}

/** Tells activities and children which artifact store their workflow began with. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute(input, next) {
        const given = input.headers[STORE_HEADER];
        if (given) told().headers = { [STORE_HEADER]: given };
        return next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...told().headers } }),
      startChildWorkflowExecution: (input, next) =>
        next({ ...input, headers: { ...input.headers, ...told().headers } }),
      continueAsNew: (input, next) => next({ ...input, headers: { ...input.headers, ...told().headers } }),
    },
  ],
});
