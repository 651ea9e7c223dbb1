import { inject } from 'vitest';
import type { Logger } from '../../../src/adapters/logger.ts';
import type { Config } from '../../../src/config.ts';
import { startWorker as start, type RunningWorker, type WorkerOptions } from '../../../src/worker.ts';
import { readWorkerCode } from './worker-code.ts';

/** A worker in this process, with the workflows that the set-up has compiled. */
export function startWorker(config: Config, logger: Logger, seams?: WorkerOptions): Promise<RunningWorker> {
  return start(config, logger, readWorkerCode(inject('bundleFile')), seams);
}
