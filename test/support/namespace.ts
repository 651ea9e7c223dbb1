import { Client } from '@temporalio/client';
import { pollUntil } from './poll-until.ts';

const RETENTION_SECONDS = 86_400;

/** A namespace without our search attributes, and without what other tests have started. */
export async function createNamespace({ connection }: Client, namespace: string): Promise<Client> {
  const client = new Client({ connection, namespace });
  await client.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as unknown as Long },
  });
  // The server's components learn of a new namespace one after another.
  await pollUntil('the namespace to be known', () => client.workflow.count().catch(() => undefined));
  return client;
}
