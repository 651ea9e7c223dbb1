import { withClient } from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';
import { count, print } from '../shared/output.ts';

/** For container health checks: quiet and quick. */
export async function health(): Promise<void> {
  await withClient(async (client, { taskQueue }) => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue },
    });
    if (pollers.length === 0) {
      throw new UsageError(`no worker polls task queue "${taskQueue}": start one with "imdb worker"`);
    }
    print(`${count(pollers.length, 'worker')} on task queue "${taskQueue}"`);
  });
}
