import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadProcessConfig } from '../../src/config.ts';
import { startLocalServices } from '../../src/dev/local-services.ts';
import { startSecuredBrokers } from './cluster/secured-brokers.ts';
import { createS3Starter } from './s3/starter.ts';
import { writeBundle } from './worker/worker-code.ts';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    temporalUiUrl: string;
    /** Where clients of the tests connect. */
    kafkaBrokers: string;
    /** What a worker or command needs in its environment to reach Kafka. */
    kafkaEnv: Readonly<Record<string, string>>;
    /** See `s3/starter.ts`. */
    s3Starter: string;
    /** The workflows, compiled. */
    bundleFile: string;
  }
}

/** The whole suite also passes on three brokers with TLS, logins and permissions. */
const ARE_BROKERS_SECURED = process.env['IMDB_TEST_BROKERS'] === 'secured';

/** One real Temporal dev server and one real broker for all tests of this process, with state of their own. */
export default async function startServices(project: TestProject): Promise<() => Promise<void>> {
  const { local, temporal } = loadProcessConfig();
  const stateDir = join(local.stateDir, `test-${process.pid}`);
  // Projects are set up in order and torn down in reverse: the first starts the servers, the others share them.
  const isFirst = (await mkdir(stateDir, { recursive: true })) !== undefined;
  const secured =
    ARE_BROKERS_SECURED && project.name === 'integration'
      ? await startSecuredBrokers(join(stateDir, 'cluster'))
      : undefined;
  const [s3, bundleFile, services] = await Promise.all([
    createS3Starter({ cacheDir: local.cacheDir, stateDir }),
    writeBundle(join(stateDir, 'workflow-bundle.js')),
    startLocalServices({
      ...local,
      ...(secured && { kafkaBrokers: secured.addresses }),
      stateDir,
      anyPorts: true,
      onMessage: (line) => process.stderr.write(`${line}\n`),
    }),
  ]);
  project.provide('s3Starter', s3.url);
  project.provide('bundleFile', bundleFile);
  project.provide('temporalAddress', services.temporalAddress);
  project.provide('temporalUiUrl', services.temporalUiUrl ?? temporal.uiUrl);
  const kafkaBrokers = services.kafkaBrokers.join(',');
  project.provide('kafkaBrokers', kafkaBrokers);
  project.provide('kafkaEnv', secured?.env ?? { KAFKA_BROKERS: kafkaBrokers });
  return async () => {
    await Promise.all([services.stop(), s3.stop(), secured?.stop()]);
    // The logs say why a test failed.
    const hasFailed = project.vitest.state.getCountOfFailedTests() > 0;
    if (isFirst && !hasFailed) await rm(stateDir, { recursive: true, force: true });
  };
}
