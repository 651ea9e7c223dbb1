import { createLogger } from '../../adapters/logger.ts';
import { loadProcessConfig } from '../../config.ts';
import { startWorker } from '../../worker.ts';
import { ensureDefaultDataset } from './default-dataset.ts';
import { untilSignal } from '../shared/output.ts';

export async function worker(): Promise<void> {
  const config = loadProcessConfig();
  const logger = createLogger({ level: config.logLevel });
  await ensureDefaultDataset(config);
  const running = await startWorker(config, logger);
  logger.info({ taskQueue: config.taskQueue, dataDir: config.dataDir }, 'worker started');
  await Promise.race([untilSignal(), running.stopped]);
  await running.shutdown();
}
