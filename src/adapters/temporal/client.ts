import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import type { TemporalSettings } from '../../config.ts';
import { explainConnectFailure } from './connection/failure.ts';

export interface TemporalClient {
  readonly client: Client;
  readonly close: () => Promise<void>;
}

/** @throws TemporalUnreachable, TemporalAccessError */
export async function connectTemporalClient(
  { connect }: TemporalSettings,
  interceptors: readonly WorkflowClientInterceptor[] = [],
): Promise<TemporalClient> {
  const { connectionOptions, namespace } = connect;
  try {
    const connection = await Connection.connect(connectionOptions);
    const client = new Client({
      connection,
      interceptors: { workflow: [...interceptors] },
      ...(namespace !== undefined && { namespace }),
    });
    return { client, close: () => connection.close() };
  } catch (cause) {
    throw await explainConnectFailure(connectionOptions, cause);
  }
}
