import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { describeWaiting } from '../../../src/cli/shared/waiting.ts';
import { findWorkflow } from '../../../src/cli/shared/client.ts';
import { loadConfig } from '../../../src/config.ts';
import { streamWorkflowId, workflowType } from '../../../src/domain/names.ts';
import { type Role, ROLES, taskQueueOf } from '../../../src/domain/roles.ts';
import { roleOfActivity } from '../../../src/domain/run/steps.ts';
import { test } from '../../support/explained-runs.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { detailsOf } from '../../support/trouble/trouble.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

test('workers of one role each complete a run; the role that is missing is named', async ({
  environment: { client, env, newId },
  startRun,
}) => {
  const taskQueue = newId();
  const start = async (role: Role): Promise<void> => {
    const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, WORKER_ROLES: role });
    const worker = await startWorker(config, createLogger({ level: 'error' }));
    onTestFinished(() => worker.shutdown());
  };
  for (const role of ROLES) if (role !== 'scoring') await start(role);
  const run = await startRun({ dataset: undefined }, taskQueue);
  const missing = `no worker answers on task queue "${taskQueue}-scoring" for role scoring`;

  await pollUntil('the run to need attention', async () =>
    (await detailsOf(run).catch(() => '')).includes(`WorkerMissing: ${missing}`),
  );
  const waiting = await pollUntil('the command to name the role', async () => {
    const found = await findWorkflow(client, run.workflowId);
    const lines = found ? await describeWaiting(client, found, true) : [];
    return lines.find((line) => line.startsWith('no worker'));
  });
  expect(waiting).toBe(`${missing}: start one with "imdb worker" and TASK_QUEUE=${taskQueue}`);
  await start('scoring');
  await run.result();

  for (const workflowId of [run.workflowId, streamWorkflowId(run.workflowId)]) {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    for (const event of events ?? []) {
      const {
        activityTaskScheduledEventAttributes: scheduled,
        startChildWorkflowExecutionInitiatedEventAttributes: child,
      } = event;
      const isBatch = child?.workflowType?.name === workflowType.scoreMicroBatch;
      const role = isBatch ? 'scoring' : roleOfActivity(scheduled?.activityType?.name ?? '');
      if (role) expect((child ?? scheduled)?.taskQueue?.name).toBe(taskQueueOf(role, taskQueue));
    }
  }
});
