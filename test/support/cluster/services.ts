import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadProcessConfig } from '../../../src/config.ts';
import { ensureKafkaDistribution } from '../../../src/dev/kafka/kafka-distribution.ts';
import startServices from '../services.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kafkaLibDir: string;
    /** Where the brokers of the cluster keep their files and logs. */
    clusterDir: string;
  }
}

/** What the tests need to start the cluster when the first of them wants it: until then, its memory is free. */
export default async function prepareCluster(project: TestProject): Promise<() => Promise<void>> {
  const stop = await startServices(project);
  const { local } = loadProcessConfig();
  project.provide('kafkaLibDir', await ensureKafkaDistribution(local.cacheDir));
  project.provide('clusterDir', join(local.stateDir, `test-${process.pid}`));
  return stop;
}
