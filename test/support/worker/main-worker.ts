import { onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import type { TestEnvironment } from '../environment.ts';
import { startWorker } from './start-worker.ts';

/** A worker that takes everything but trainings, until it is told to take them too. */
export async function startMainWorker({ env, newId }: TestEnvironment) {
  const taskQueue = newId();
  const start = async (roles: string): Promise<void> => {
    const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, WORKER_ROLES: roles });
    const worker = await startWorker(config, createLogger({ level: 'error' }));
    onTestFinished(() => worker.shutdown());
  };
  await start('workflows,data,scoring');
  return { taskQueue, train: () => start('training') };
}
