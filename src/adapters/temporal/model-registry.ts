import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ModelRegistry } from '../../activities/registry/model-registry.ts';
import { RegistryError } from '../../domain/errors.ts';
import type { Champion, ProposalOutcome } from '../../domain/registry/model-registry.ts';
import { registryQuery, registryUpdate, registryWorkflowId, workflowType } from '../../domain/names.ts';

/** A worker that is there answers in milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

/** The registry as a workflow, one for each model name of a task queue. */
export function createTemporalModelRegistry(
  { workflow }: Pick<Client, 'workflow'>,
  taskQueue: string,
): ModelRegistry {
  const idOf = (name: string): string => registryWorkflowId(taskQueue, name);
  const ask = async <T>(name: string, what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await workflow.withDeadline(Date.now() + ANSWER_WITHIN_MS, work);
    } catch (cause) {
      throw new RegistryError({
        what: `the model registry did not answer: cannot ${what}`,
        where: idOf(name),
        got: (cause as Error).message,
        hint: 'It is a workflow and needs a worker on this task queue; the step goes on by itself when it answers',
        cause,
      });
    }
  };

  return {
    champion: (name) =>
      ask(name, 'look up the champion', async () => {
        try {
          return await workflow.getHandle(idOf(name)).query<Champion | null>(registryQuery.champion);
        } catch (error) {
          // The first proposal starts it.
          if (error instanceof WorkflowNotFoundError) return null;
          throw error;
        }
      }),

    propose: (name, proposal) =>
      ask(name, 'record a proposal', () =>
        workflow.executeUpdateWithStart<() => Promise<void>, ProposalOutcome, [typeof proposal]>(
          registryUpdate.propose,
          {
            // No update id: what makes a second attempt harmless is the registry's record of runs, which outlives
            // its continuing as new; and a proposal that was stale may come again against the same champion.
            args: [proposal],
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
