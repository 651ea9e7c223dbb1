import { onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import type { TestEnvironment } from '../environment.ts';
import { startWorker } from './start-worker.ts';

export interface GatedWorker {
  /** Polled by this worker only. */
  readonly taskQueue: string;
  /** Resolves when an attempt waits at the gate. */
  readonly reached: Promise<void>;
  readonly open: () => void;
}

/**
 * A worker that holds an activity until the test opens the gate. However slow the machine is, the test acts while the
 * activity is running.
 *
 * @param passing attempts that the gate lets through before it closes
 */
export async function startGatedWorker(
  { env, newId }: TestEnvironment,
  activity: string,
  passing = 0,
): Promise<GatedWorker> {
  const taskQueue = newId();
  const config = loadConfig({ ...env, TASK_QUEUE: taskQueue });
  let attempts = 0;
  let reach = (): void => undefined;
  let open = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  const worker = await startWorker(config, createLogger({ level: 'error' }), {
    interceptors: {
      activity: [
        ({ info }) => ({
          inbound: {
            async execute(input, next) {
              if (info.activityType === activity && (attempts += 1) > passing) {
                reach();
                await opened;
              }
              return next(input);
            },
          },
        }),
      ],
    },
  });
  onTestFinished(async () => {
    open();
    await worker.shutdown();
  });
  return { taskQueue, reached, open };
}
