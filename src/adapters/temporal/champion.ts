import type { WorkflowHandle } from '@temporalio/client';
import { CHAMPION_MEMO, type Champion } from '../../domain/registry/model-registry.ts';

/**
 * Which model serves, from the registry's memo: a query would need a worker, and would disturb it.
 *
 * @throws WorkflowNotFoundError when no run has registered a model of this name
 */
export async function readChampion(registry: Pick<WorkflowHandle, 'describe'>): Promise<Champion | null> {
  const { memo } = await registry.describe();
  return (memo?.[CHAMPION_MEMO] as Champion | undefined) ?? null;
}
