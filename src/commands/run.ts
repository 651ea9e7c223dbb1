import { connectTemporalClient } from '../adapters/temporal-client.ts';
import { loadProcessConfig } from '../config.ts';
import { resultJson } from './result-json.ts';
import { resultTable } from './result-table.ts';
import { readRunInput, type RunInputOptions } from './run-input.ts';
import { followRun, newWorkflowId, startRun } from './start-run.ts';

export async function run(
  options: RunInputOptions & { readonly id?: string; readonly wait?: true; readonly json?: true },
): Promise<void> {
  const config = loadProcessConfig();
  const input = await readRunInput(options);
  const { client, close } = await connectTemporalClient(config.temporal);
  try {
    const { taskQueue, temporal } = config;
    const workflowId = options.id ?? newWorkflowId('rating');
    const started = await startRun(client, temporal, { workflowId, taskQueue, input });
    const out = options.json ? process.stderr : process.stdout;
    out.write(`${workflowId} started: ${started.url}\n`);
    if (!options.wait) {
      if (options.json) process.stdout.write(`${JSON.stringify({ workflowId, uiUrl: started.url })}\n`);
      return;
    }
    const result = await followRun(client, started, out);
    out.write(`${resultTable(result)}\n`);
    if (options.json) {
      process.stdout.write(resultJson(workflowId, result, started.url));
    }
  } finally {
    await close();
  }
}
