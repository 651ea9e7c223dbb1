import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ModelRegistry } from '../../activities/registry/model-registry.ts';
import { RegistryError } from '../../domain/errors.ts';
import type { ProposalOutcome } from '../../domain/registry/model-registry.ts';
import { registryUpdate, registryWorkflowId, workflowType } from '../../domain/names.ts';
import { readChampion } from './champion.ts';

/** A running worker answers in milliseconds. */
const TIMEOUT_MS = 10_000;

/** The registry is a workflow, one for each model name of a task queue. */
export function createTemporalModelRegistry(
  { workflow }: Pick<Client, 'workflow'>,
  taskQueue: string,
  overdueHours?: number,
): ModelRegistry {
  const idOf = (name: string): string => registryWorkflowId(taskQueue, name);
  const ask = async <T>(name: string, what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await workflow.withDeadline(Date.now() + TIMEOUT_MS, work);
    } catch (cause) {
      throw new RegistryError({
        what: `the model registry did not answer: cannot ${what}`,
        where: idOf(name),
        got: (cause as Error).message,
        hint: 'It is a workflow of this task queue; the step is retried until Temporal and a worker answer',
        cause,
      });
    }
  };

  return {
    champion: (name) =>
      ask(name, 'look up the champion', async () => {
        try {
          return await readChampion(workflow.getHandle(idOf(name)));
        } catch (error) {
          // The first proposal starts the registry.
          if (error instanceof WorkflowNotFoundError) return null;
          throw error;
        }
      }),

    propose: (name, proposal) =>
      ask(name, 'record a proposal', () =>
        workflow.executeUpdateWithStart<() => Promise<void>, ProposalOutcome, [typeof proposal]>(
          registryUpdate.propose,
          {
            // No update id: the registry's record of runs makes a second attempt harmless, and it survives
            // continue-as-new. A stale proposal may be sent again.
            args: [overdueHours === undefined ? proposal : { ...proposal, overdueHours }],
            startWorkflowOperation: new WithStartWorkflowOperation(workflowType.modelRegistry, {
              workflowId: idOf(name),
              taskQueue,
              args: [{ name }],
              workflowIdConflictPolicy: 'USE_EXISTING',
              staticSummary: `which model of ${name} serves`,
            }),
          },
        ),
      ),
  };
}
