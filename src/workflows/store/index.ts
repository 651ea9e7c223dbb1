import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { STORE_HEADER } from '../../domain/names.ts';

/** Every workflow has its own instance of this module. */
let store: Headers = {};

/** Called when a workflow opens; one that has it from its parent, or from the run that it continues, keeps that. */
export function setStore(id: string): void {
  if (!(STORE_HEADER in store)) store = { [STORE_HEADER]: defaultPayloadConverter.toPayload(id) };
}

/** Tells activities and children which artifact store their workflow began with. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute(input, next) {
        const given = input.headers[STORE_HEADER];
        if (given) store = { [STORE_HEADER]: given };
        return next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...store } }),
      startChildWorkflowExecution: (input, next) =>
        next({ ...input, headers: { ...input.headers, ...store } }),
      continueAsNew: (input, next) => next({ ...input, headers: { ...input.headers, ...store } }),
    },
  ],
});
