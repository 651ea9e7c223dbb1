import type { WorkflowHandle } from '@temporalio/client';
import type { ModelRegistry } from '../../src/activities/registry/model-registry.ts';
import { createTemporalModelRegistry } from '../../src/adapters/temporal/model-registry.ts';
import type {
  ModelProposal,
  RegisteredModel,
  RegistryEntry,
  Verdict,
} from '../../src/domain/registry/model-registry.ts';
import { registryQuery, registryWorkflowId } from '../../src/domain/names.ts';
import { test as base } from './environment.ts';
import { registeredModel } from './unit/registered-model.ts';

export { registeredModel };

export function proposalOf(
  run: string,
  against: string | null,
  verdict: Verdict = 'promote',
  facts: Partial<RegisteredModel> = {},
): ModelProposal {
  const reason = `${verdict} ${run}: RMSE −0.0123 against the champion on 380 rows, 95 % interval −0.02 to −0.01`;
  return { model: registeredModel(run, facts), verdict, reason, against, comparison: null };
}

export const test = base
  /** The registry as activities use it, and as an operator queries it. */
  .extend('registry', { scope: 'file' }, ({ environment: { client, config } }) => {
    const port: ModelRegistry = createTemporalModelRegistry(client, config.taskQueue);
    return {
      ...port,
      handle: (name: string): WorkflowHandle =>
        client.workflow.getHandle(registryWorkflowId(config.taskQueue, name)),
      history: (name: string): Promise<readonly RegistryEntry[]> =>
        client.workflow
          .getHandle(registryWorkflowId(config.taskQueue, name))
          .query<readonly RegistryEntry[]>(registryQuery.history),
    };
  });
