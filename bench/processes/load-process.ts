/**
 * A process of `load.ts`: loads a CSV by the worker's activity as often as asked, and prints one line of JSON.
 * Arguments: data directory, file, target, artifact directory, times.
 */
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.ts';
import { createLogger } from '../../src/adapters/logger.ts';
import { loadConfig } from '../../src/config.ts';
import { parsePipelineInput } from '../../src/domain/run/pipeline-input.ts';
import { compose } from '../../src/worker/compose.ts';
import { peakBytes } from '../setup/process-memory.ts';

const [dataDir = '', path = '', target = '', artifactDir = '', times] = process.argv.slice(2);
const config = loadConfig({ DATA_DIR: dataDir, ARTIFACT_STORE: artifactDir });
// Never used: a load needs no server.
const client = new Client({ connection: Connection.lazy() });
const composition = await compose(config, createLogger({ level: 'error' }), client);
const { loadDataset } = createActivities(composition.deps);
const { dataset } = parsePipelineInput({ dataset: { path, target } });
const startBytes = peakBytes();

const seconds: number[] = [];
const cpuSeconds: number[] = [];
let loaded: Awaited<ReturnType<typeof loadDataset>> | undefined;
for (let time = 0; time < Number(times); time += 1) {
  const environment = new MockActivityEnvironment(undefined, {
    logger: new DefaultLogger('ERROR', () => undefined),
  });
  const input = { run: `load-${time}`, dataset, asOf: new Date().toISOString() };
  const start = performance.now();
  const cpu = process.cpuUsage();
  loaded = await environment.run(loadDataset, input);
  const { user, system } = process.cpuUsage(cpu);
  seconds.push((performance.now() - start) / 1000);
  cpuSeconds.push((user + system) / 1e6);
}
const { rows, features } = loaded ?? { rows: { kept: 0 }, features: [] };
const facts = { rows: rows.kept, features: features.length, startBytes, peakBytes: peakBytes() };
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds, ...facts })}\n`);
await composition.close();
