import { Client, Connection } from '@temporalio/client';
import type { TemporalSettings } from '../../config.ts';

/** Nothing listens at the Temporal address, or the server refuses the connection. */
export class TemporalUnreachable extends Error {
  override readonly name = 'TemporalUnreachable';

  constructor(address: string | undefined, cause: unknown) {
    super(
      `no Temporal server at ${address ?? 'the default address'}: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Start one with "imdb services" or "docker compose up", or set TEMPORAL_ADDRESS',
      { cause },
    );
  }
}

export interface TemporalClient {
  readonly client: Client;
  readonly close: () => Promise<void>;
}

/** @throws TemporalUnreachable */
export async function connectTemporalClient({ connect }: TemporalSettings): Promise<TemporalClient> {
  const { connectionOptions, namespace } = connect;
  try {
    const connection = await Connection.connect(connectionOptions);
    const client = new Client({ connection, ...(namespace !== undefined && { namespace }) });
    return { client, close: () => connection.close() };
  } catch (cause) {
    throw new TemporalUnreachable(connectionOptions.address, cause);
  }
}
