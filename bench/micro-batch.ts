import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { tellTimes } from '../src/adapters/temporal/call-times.ts';
import { failWithFacts } from '../src/adapters/temporal/failures.ts';
import { createTroubleReporter } from '../src/adapters/temporal/trouble/reporter.ts';
import { UNVERSIONED, workflowType } from '../src/domain/names.ts';
import { taskQueueOf } from '../src/domain/roles.ts';
import { compileWorkflows } from '../src/worker/workflow-bundle.ts';
import { MODEL, plainActivities, streamActivities } from './micro-batch/empty-activities.ts';
import { interleave } from './suite/interleave.ts';
import type { Part } from './suite/part.ts';
import { median } from './suite/statistics.ts';
import { formatRatio } from './suite/table.ts';
import { atMost } from './suite/target.ts';

const ROUNDS = 9;
const QUICK_ROUNDS = 2;
const CHILDREN = 200;
const IN_FLIGHT = 8;
const TARGET_RATIO = 1.2;

const EMPTY_QUEUE = 'bench-empty';
const OUR_QUEUE = 'bench-micro-batch';
const WORKFLOWS = join(import.meta.dirname, 'micro-batch', 'empty-workflows.ts');

interface Sample {
  readonly ms: number;
  /** Of this process, which has both workers. */
  readonly cpuMs: number;
}

export const microBatch: Part = {
  name: 'micro-batch',
  question:
    'What does a micro-batch cost beyond its own work, beside an empty child with three empty activities?',
  async run(context, results) {
    const { quick, repeats = quick ? QUICK_ROUNDS : ROUNDS } = context.options;
    const { client, env } = await context.services();
    const workers = await startWorkers(env['TEMPORAL_ADDRESS'] ?? '');
    try {
      const engines = { 'empty child': () => plain(client), 'micro-batch': () => ours(client) };
      await interleave('micro-batch: first runs', 1, engines);
      const samples = await interleave('micro-batch', repeats, engines);
      const of = (name: keyof typeof engines, what: keyof Sample) =>
        median(samples[name].map((one) => one[what]));
      const ratio = of('micro-batch', 'ms') / of('empty child', 'ms');
      results.addTarget(
        atMost('a micro-batch beyond its own work, against an empty child', TARGET_RATIO, ratio),
      );
      results.addRatio('empty child', 'micro-batch', of('empty child', 'ms') / of('micro-batch', 'ms'));
      results.addSection({
        title: 'Overhead of a micro-batch',
        notes: [
          `${CHILDREN} children, ${IN_FLIGHT} at the same time, one after the other in each lane. The micro-batches are ours, with their interceptors, summaries, retry policy and results; their activities do nothing. The empty children have no input, no result and three activities without either.`,
        ],
        table: {
          head: ['', 'ms a child', 'CPU of the worker, ms', 'time, ratio', 'CPU, ratio'],
          rows: (['empty child', 'micro-batch'] as const).map((name) => [
            name,
            of(name, 'ms').toFixed(1),
            of(name, 'cpuMs').toFixed(1),
            formatRatio(of(name, 'ms') / of('empty child', 'ms')),
            formatRatio(of(name, 'cpuMs') / of('empty child', 'cpuMs')),
          ]),
        },
      });
    } finally {
      await workers.stop();
    }
  },
};

let runs = 0;

async function plain(client: Client): Promise<Sample> {
  return timed(client, 'emptyStream', EMPTY_QUEUE, [CHILDREN, IN_FLIGHT]);
}

async function ours(client: Client): Promise<Sample> {
  const ranges = [{ partition: 0, offsetFrom: 0, offsetTo: CHILDREN }];
  const stream = { microBatchRows: 1, inFlight: IN_FLIGHT };
  const input = { run: 'bench', topic: 'a1', ranges, model: MODEL, stream };
  return timed(client, workflowType.scoreStream, OUR_QUEUE, [input]);
}

async function timed(client: Client, type: string, taskQueue: string, args: unknown[]): Promise<Sample> {
  runs += 1;
  const cpu = process.cpuUsage();
  const start = performance.now();
  await client.workflow.execute(type, { workflowId: `${taskQueue}-${runs}`, taskQueue, args });
  const { user, system } = process.cpuUsage(cpu);
  return { ms: (performance.now() - start) / CHILDREN, cpuMs: (user + system) / 1_000 / CHILDREN };
}

async function startWorkers(address: string) {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const connection = await NativeConnection.connect({ address });
  const troubles = { report: async () => true, findLoss: async () => undefined };
  const common = {
    connection,
    workerDeploymentOptions: {
      useWorkerVersioning: false,
      version: { deploymentName: UNVERSIONED, buildId: 'bench' },
    },
  } as const;
  const ours = {
    ...common,
    activities: streamActivities,
    workflowBundle: await compileWorkflows(logger),
    sinks: { metrics: { measure: { fn: () => undefined } } },
    interceptors: { activity: [tellTimes, createTroubleReporter(troubles), failWithFacts((text) => text)] },
  };
  const workers = await Promise.all([
    Worker.create({ ...ours, taskQueue: OUR_QUEUE }),
    Worker.create({ ...ours, taskQueue: taskQueueOf('scoring', OUR_QUEUE) }),
    Worker.create({
      ...common,
      taskQueue: EMPTY_QUEUE,
      workflowBundle: await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger }),
      activities: plainActivities,
    }),
  ]);
  const running = workers.map((worker) => worker.run());
  return {
    async stop(): Promise<void> {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await connection.close();
    },
  };
}
