import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { folderOf } from '../../adapters/artifacts/names.ts';
import { modelOfRegistry, workflowType } from '../../domain/names.ts';
import { urisIn, type Retained } from '../../domain/retention.ts';
import { createRegistryClient } from '../models/registry.ts';
import { readEvents } from '../shared/history.ts';

/** Whatever a job of a stream names is also in the input of the stream, or in a registry. */
const USERS = [workflowType.ratingPipeline, workflowType.scoreStream];

/**
 * What runs and streams that are running, or ended since then, and all registered models refer to.
 *
 * @throws UsageError when a registry does not answer: what it refers to is not known then
 */
export async function findRetained(client: Client, since: Date): Promise<Retained> {
  const uris = new Set<string>();
  const folders: string[] = [];
  let oldest = since;
  for await (const found of client.workflow.list({ query: usersSince(since) })) {
    folders.push(`${folderOf(found.workflowId)}/`);
    if (found.status.name === 'RUNNING' && found.startTime < oldest) oldest = found.startTime;
    for (const uri of await urisOfHistory(client, found)) uris.add(uri);
  }
  const registries = `WorkflowType = '${workflowType.modelRegistry}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, taskQueue } of client.workflow.list({ query: registries })) {
    const registry = createRegistryClient(client, taskQueue);
    const name = modelOfRegistry(taskQueue, workflowId);
    const known = [await registry.champion(name), await registry.history(name)];
    for (const uri of urisIn(known)) uris.add(uri);
  }
  return { since: oldest, folders, uris };
}

function usersSince(since: Date): string {
  const types = USERS.map((type) => `'${type}'`).join(', ');
  return (
    `WorkflowType IN (${types}) AND ` +
    `(ExecutionStatus = 'Running' OR CloseTime >= '${since.toISOString()}')`
  );
}

async function urisOfHistory(client: Client, found: WorkflowExecutionInfo): Promise<string[]> {
  const { payloadConverter } = client.options.loadedDataConverter;
  const events = await readEvents(client.workflow.getHandle(found.workflowId, found.runId));
  return payloadsIn(events).flatMap((payload) => urisIn(payloadConverter.fromPayload(payload)));
}

type Payload = Parameters<Client['options']['loadedDataConverter']['payloadConverter']['fromPayload']>[0];

/** Inputs and results, wherever an event has them. */
function payloadsIn(value: unknown): Payload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if ('metadata' in value && 'data' in value && value.data instanceof Uint8Array) {
    // Search attributes are payloads too, and have no references.
    const { encoding } = (value as Payload).metadata ?? {};
    return encoding && new TextDecoder().decode(encoding) === 'json/plain' ? [value as Payload] : [];
  }
  return Object.values(value).flatMap(payloadsIn);
}
