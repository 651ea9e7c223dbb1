import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { createKafkaAdmin } from '../../src/adapters/kafka/admin.ts';
import { createKafka } from '../../src/adapters/kafka/client.ts';
import { createKafkaPublisher } from '../../src/adapters/kafka/publisher.ts';
import { createTransactions } from '../../src/adapters/kafka/transaction.ts';
import { loadProcessConfig } from '../../src/config.ts';
import { ensureKafkaDistribution } from '../../src/dev/kafka/kafka-distribution.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { publishWhileLeadersMove } from '../support/cluster/publishing.ts';
import { readSettled } from '../support/log/read-settled.ts';

const ANSWER_DELAY_MS = 40;

const program = new Command('test:leaders')
  .description(
    'Publishes micro-batches on three brokers while leaders move; every record must be there once.',
  )
  .option('--batches <n>', 'number of micro-batches of 30 records', Number, 1_000)
  .action(main);

async function main({ batches }: { readonly batches: number }): Promise<void> {
  const { local } = loadProcessConfig();
  await mkdir(local.stateDir, { recursive: true });
  const directory = await mkdtemp(join(local.stateDir, 'leaders-'));
  const cluster = await startCluster({ libDir: await ensureKafkaDistribution(local.cacheDir), directory });
  const settings = { brokers: cluster.addresses, ssl: false } as const;
  const kafka = createKafka(settings, () => undefined);
  const kafkaAdmin = createKafkaAdmin(kafka);
  const transactions = createTransactions(kafka);
  const publisher = createKafkaPublisher({ transactions, admin: kafkaAdmin, settings });
  const admin = cluster.kafka.admin();
  await admin.connect();
  try {
    for (const { proxy } of cluster.brokers)
      proxy.disturb({ apis: ['produce'], action: 'delay', ms: ANSWER_DELAY_MS });
    const topic = `leaders-${randomUUID()}`;
    const startedMs = Date.now();
    const { keys, failures, moves } = await publishWhileLeadersMove({ publisher }, admin, topic, batches);
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    await cluster.heal();
    const counts = new Map<string, number>();
    for (const { key } of await readSettled(cluster, topic))
      counts.set(String(key), (counts.get(String(key)) ?? 0) + 1);
    const lost = keys.filter((key) => !counts.has(key)).length;
    const twice = [...counts.values()].filter((count) => count > 1).length;
    process.stdout.write(
      `${batches} micro-batches, ${keys.length} records in ${seconds} s, ${moves} moves of leaders, ` +
        `${failures} attempts failed: ${lost} lost, ${twice} twice\n`,
    );
    process.exitCode = lost + twice === 0 ? 0 : 1;
  } finally {
    await Promise.all([admin.disconnect(), kafkaAdmin.close(), transactions.close()]);
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

await program.parseAsync();
