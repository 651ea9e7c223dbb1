/** npm run test:size -- --rows 2000000 --from movie_metadata.csv */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Command } from 'commander';
import { loadConfig, loadProcessConfig } from '../../src/config.ts';
import { startLocalServices } from '../../src/dev/local-services.ts';
import { writeLargeDataset } from '../../scripts/write-large-dataset.ts';
import { runLarge } from '../support/size/large-run.ts';

interface Options {
  readonly rows: string;
  readonly from?: string;
  readonly csv?: string;
  readonly depth: string;
  readonly trees: string;
  readonly microBatchRows: string;
  readonly set: readonly string[];
}

const program = new Command('test:size')
  .description(
    'A whole run on a large CSV, on servers of its own, and what it took. Ends with a line of JSON.',
  )
  .option('--rows <n>', 'data rows of the CSV', '2000000')
  .option('--from <file>', 'a small CSV whose rows are repeated; the sample dataset when absent')
  .option('--csv <file>', 'use this CSV instead of writing one')
  .option('--depth <n>', 'forest.maxDepth', '10')
  .option('--trees <n>', 'forest.trees', '100')
  .option('--micro-batch-rows <n>', 'stream.microBatchRows', '5000')
  .option(
    '--set <field=value>',
    'further settings of the run',
    (value: string, all: readonly string[]) => [...all, value],
    [],
  );
program.parse();
const options = program.opts<Options>();

const log = (line: string): void => void process.stderr.write(`${line}\n`);
const directory = await mkdtemp(join(tmpdir(), 'imdb-size-'));
const { local } = loadProcessConfig();
const services = await startLocalServices({ ...local, stateDir: join(directory, 'state'), onMessage: log });
const env = {
  TEMPORAL_ADDRESS: services.temporalAddress,
  KAFKA_BROKERS: services.kafkaBrokers.join(','),
  TASK_QUEUE: 'size',
  DATA_DIR: join(directory, 'data'),
  ARTIFACT_STORE: join(directory, 'artifacts'),
  REPORT_PORT: 'off',
};
const connection = await Connection.connect(loadConfig(env).temporal.connect.connectionOptions);
try {
  const csv = await prepareCsv(options, env.DATA_DIR);
  const { size } = await stat(join(csv.dataDir, csv.name));
  log(`${csv.name}: ${Math.round(size / 1e6)} MB`);
  const figures = await runLarge({
    client: new Client({ connection }),
    env: { ...env, DATA_DIR: csv.dataDir },
    directory,
    workflowId: 'size',
    settings: [
      `dataset.path=${csv.name}`,
      `forest.maxDepth=${options.depth}`,
      `forest.trees=${options.trees}`,
      `stream.microBatchRows=${options.microBatchRows}`,
      ...options.set,
    ],
    onProgress: log,
  });
  const { result, startBytes, peakBytes, ...measured } = figures;
  const megabytes = (bytes: number | null): number | null =>
    bytes === null ? null : Math.round(bytes / 1e6);
  const machine = `${cpus()[0]?.model}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const line = {
    machine,
    megabytes: Math.round(size / 1e6),
    rows: result.rows,
    ...measured,
    startMegabytes: megabytes(startBytes),
    peakMegabytes: megabytes(peakBytes),
    steps: result.seconds,
    metrics: result.metrics,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  await connection.close();
  await services.stop();
  await rm(directory, { recursive: true, force: true });
}

async function prepareCsv(
  { csv, rows, from }: Options,
  dataDir: string,
): Promise<{ readonly dataDir: string; readonly name: string }> {
  if (csv !== undefined) {
    const at = csv.lastIndexOf('/');
    return { dataDir: csv.slice(0, Math.max(at, 1)), name: csv.slice(at + 1) };
  }
  await mkdir(dataDir, { recursive: true });
  const name = 'large.csv';
  log(`writing ${Number(rows).toLocaleString('en')} rows`);
  await writeLargeDataset(join(dataDir, name), {
    rows: Number(rows),
    seed: 1,
    ...(from !== undefined && { from }),
  });
  return { dataDir, name };
}
