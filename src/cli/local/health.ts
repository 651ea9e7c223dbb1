import { checkAccess } from '../../adapters/kafka/access-check.ts';
import type { Config } from '../../config.ts';
import { readPolls } from '../../adapters/temporal/pollers.ts';
import { TASKS_OF, taskQueueOf } from '../../domain/roles.ts';
import { counted } from '../../domain/text.ts';
import { withClient } from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';
import { print } from '../shared/output.ts';

export interface HealthOptions {
  /** False: a container's health check does not depend on another server. */
  readonly kafka: boolean;
  readonly topic?: string;
}

/** For container health checks: quiet and quick. */
export async function health({ kafka, topic }: HealthOptions): Promise<void> {
  await withClient(async (client, config) => {
    for (const role of config.roles) {
      const taskQueue = taskQueueOf(role, config.taskQueue);
      const polls = await Promise.all(TASKS_OF[role].map((kind) => readPolls(client, taskQueue, kind)));
      const found = Math.min(...polls.map(({ length }) => length));
      // One that is busy with a long training does not poll.
      if (found === 0 && role !== 'training') {
        throw new UsageError(
          `no worker polls task queue "${taskQueue}" for role ${role}: start one with "imdb worker"`,
        );
      }
      print(`${counted(found, 'worker process')} on task queue "${taskQueue}" for role ${role}`);
    }
    if (kafka) print(await describeKafka(config, topic));
  });
}

/**
 * @param topic undefined: only what every run needs
 * @throws BrokerError, AccessError without a connection or a login; UsageError for missing permissions
 */
export async function describeKafka({ kafka }: Pick<Config, 'kafka'>, topic?: string): Promise<string> {
  const missing = await checkAccess(kafka, topic);
  const lines = missing.map(({ facts: { expected, got } }) => `\n  - expected ${expected}, got ${got}`);
  const brokers = kafka.brokers.join(',');
  if (missing.length > 0) {
    throw new UsageError(
      `Kafka at ${brokers} refuses what a run needs (see docs/kafka.md):${lines.join('')}`,
    );
  }
  return `Kafka at ${brokers} lets this worker in${topic === undefined ? '' : ` and to topic "${topic}"`}`;
}
