import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { References } from '../../activities/retention/collect-artifacts.ts';
import { RegistryError } from '../../domain/errors.ts';
import { registryQuery, workflowType } from '../../domain/names.ts';
import { urisIn, type Retained } from '../../domain/retention.ts';
import { folderOf } from '../artifacts/names.ts';

/** A running worker answers in milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

/** Whatever a job of a stream names is also in the input of the stream, or in a registry. */
const USERS = [workflowType.ratingPipeline, workflowType.scoreStream];

export function createReferences(client: Client): References {
  return { retained: (since) => findRetained(client, since) };
}

async function findRetained(client: Client, since: Date): Promise<Retained> {
  const uris = new Set<string>();
  const folders: string[] = [];
  let oldest = since;
  for await (const found of client.workflow.list({ query: usersSince(since) })) {
    folders.push(`${folderOf(found.workflowId)}/`);
    if (found.status.name === 'RUNNING' && found.startTime < oldest) oldest = found.startTime;
    for (const uri of await urisOfHistory(client, found)) uris.add(uri);
  }
  const registries = `WorkflowType = '${workflowType.modelRegistry}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query: registries }))
    for (const uri of await urisOfRegistry(client, workflowId)) uris.add(uri);
  return { since: oldest, folders, uris };
}

async function urisOfRegistry(client: Client, workflowId: string): Promise<string[]> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, async () =>
      urisIn([await handle.query(registryQuery.champion), await handle.query(registryQuery.history)]),
    );
  } catch (cause) {
    throw new RegistryError({
      what: 'the model registry did not answer, so what it refers to is not known; nothing is removed',
      where: workflowId,
      got: (cause as Error).message,
      hint: 'It is a workflow and needs a worker on its task queue. If that has none any more, as after a demo of another file, terminate it: its models are then not kept',
      cause,
    });
  }
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
  const { events } = await client.workflow.getHandle(found.workflowId, found.runId).fetchHistory();
  return payloadsIn(events ?? []).flatMap((payload) => urisIn(payloadConverter.fromPayload(payload)));
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
