import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadProcessConfig } from '../../src/config.ts';
import { startLocalServices } from '../../src/dev/local-services.ts';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    temporalUiUrl: string;
    kafkaBrokers: string;
  }
}

/** One real Temporal dev server and one real broker for all integration tests, with state of their own. */
export default async function startServices(project: TestProject): Promise<() => Promise<void>> {
  const { local } = loadProcessConfig();
  await mkdir(local.stateDir, { recursive: true });
  const stateDir = await mkdtemp(join(local.stateDir, 'test-'));
  const services = await startLocalServices({
    ...local,
    stateDir,
    onMessage: (line) => process.stderr.write(`${line}\n`),
  });
  project.provide('temporalAddress', services.temporalAddress);
  project.provide('temporalUiUrl', services.temporalUiUrl ?? '');
  project.provide('kafkaBrokers', services.kafkaBrokers.join(','));
  return async () => {
    await services.stop();
    await rm(stateDir, { recursive: true, force: true });
  };
}
