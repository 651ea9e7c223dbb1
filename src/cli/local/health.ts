import { connectTemporalClient } from '../../adapters/temporal/client.ts';
import { loadProcessConfig } from '../../config.ts';
import { UsageError } from '../shared/output.ts';

/** For container health checks: quiet and quick. */
export async function health(): Promise<void> {
  const { temporal, taskQueue } = loadProcessConfig();
  const { client, close } = await connectTemporalClient(temporal);
  try {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue },
    });
    if (pollers.length === 0) {
      throw new UsageError(`no worker polls task queue "${taskQueue}": start one with "imdb worker"`);
    }
    process.stdout.write(`${pollers.length} worker(s) on task queue "${taskQueue}"\n`);
  } finally {
    await close();
  }
}
