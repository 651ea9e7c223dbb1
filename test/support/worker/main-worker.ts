import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { inject, onTestFinished } from 'vitest';
import { createActivities, createTrainingActivities } from '../../../src/activities/index.ts';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { trainingTaskQueue } from '../../../src/domain/names.ts';
import { compose } from '../../../src/worker/compose.ts';
import type { TestEnvironment } from '../environment.ts';
import { readWorkerCode } from './worker-code.ts';

/** A worker that takes everything but trainings, until it is told to take them too. */
export async function startMainWorker({ env, newId }: TestEnvironment) {
  const taskQueue = newId();
  const config = loadConfig({ ...env, TASK_QUEUE: taskQueue });
  const connection = await NativeConnection.connect(config.temporal.connect.connectionOptions);
  const { workflowBundle } = await readWorkerCode(inject('bundleFile'));
  const composition = await compose(config, createLogger({ level: 'error' }), new Client({ connection }));
  const running: { readonly worker: Worker; readonly ended: Promise<void> }[] = [];
  const run = (worker: Worker): void => {
    running.push({ worker, ended: worker.run() });
  };
  run(
    await Worker.create({
      connection,
      taskQueue,
      workflowBundle,
      activities: createActivities(composition.deps),
    }),
  );
  onTestFinished(async () => {
    for (const { worker } of running) worker.shutdown();
    await Promise.all(running.map(({ ended }) => ended));
    await composition.close();
    await connection.close();
  });
  return {
    taskQueue,
    train: async (): Promise<void> => {
      const activities = createTrainingActivities(composition.deps);
      run(await Worker.create({ connection, taskQueue: trainingTaskQueue(taskQueue), activities }));
    },
  };
}
