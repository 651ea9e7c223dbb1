import { createLogger, type Logger } from '../../adapters/logger.ts';
import { type Config, loadProcessConfig } from '../../config.ts';
import { startWorker } from '../../worker.ts';
import { describeError, untilSignal } from '../shared/exit.ts';
import { ensureDefaultDataset } from './default-dataset.ts';
import { describeKafka } from './health.ts';

export async function worker(): Promise<void> {
  const config = loadProcessConfig();
  const logger = createLogger({ level: config.logLevel, secrets: config.secrets });
  await ensureDefaultDataset(config);
  const running = await startWorker(config, logger);
  logger.info({ taskQueue: config.taskQueue, dataDir: config.dataDir }, 'worker started');
  void reportKafka(config, logger);
  await Promise.race([untilSignal(), running.stopped]);
  await running.shutdown();
}

/** Only logged: a worker starts without Kafka, and its steps wait until Kafka lets it in. */
async function reportKafka(config: Config, logger: Logger): Promise<void> {
  try {
    logger.info(await describeKafka(config));
  } catch (error) {
    logger.error(describeError(error));
  }
}
