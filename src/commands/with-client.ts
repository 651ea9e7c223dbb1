import type { Client } from '@temporalio/client';
import { connectTemporalClient } from '../adapters/temporal-client.ts';
import { loadProcessConfig, type Config } from '../config.ts';

/** @throws ConfigError, TemporalUnreachable, and what `work` throws */
export async function withClient(work: (client: Client, config: Config) => Promise<void>): Promise<void> {
  const config = loadProcessConfig();
  const { client, close } = await connectTemporalClient(config.temporal);
  try {
    await work(client, config);
  } finally {
    await close();
  }
}
