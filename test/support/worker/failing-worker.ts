import { ApplicationFailure } from '@temporalio/common';
import { onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import type { TestEnvironment } from '../environment.ts';
import { startWorker } from './start-worker.ts';

export interface FailingWorker {
  /** Polled by this worker only. */
  readonly taskQueue: string;
  /** From now on, nothing fails. */
  readonly fix: () => void;
}

/** A worker whose activities of one type fail for good, without having done anything, until the cause is fixed. */
export async function startFailingWorker(
  { env, newId }: TestEnvironment,
  activity: string,
  isAffected: (input: { readonly batch: number }) => boolean,
): Promise<FailingWorker> {
  const taskQueue = newId();
  const config = loadConfig({ ...env, TASK_QUEUE: taskQueue });
  let isBroken = true;
  const worker = await startWorker(config, createLogger({ level: 'error' }), {
    interceptors: {
      activity: [
        ({ info }) => ({
          inbound: {
            async execute(input, next) {
              const [first] = input.args as [{ readonly batch: number }];
              if (!isBroken || info.activityType !== activity || !isAffected(first)) return next(input);
              throw ApplicationFailure.nonRetryable('an artifact has changed', 'ArtifactCorrupt');
            },
          },
        }),
      ],
    },
  });
  onTestFinished(() => worker.shutdown());
  return { taskQueue, fix: () => (isBroken = false) };
}
