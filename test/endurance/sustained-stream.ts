import { setTimeout } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { predictionsTopic, PROGRESS_QUERY, workflowType } from '../../src/domain/names.ts';
import type { StreamProgress } from '../../src/domain/run/progress.ts';
import type { ContinuousResult } from '../../src/domain/run/step-results.ts';
import { createTopics } from '../support/log/create-topics.ts';
import { groupLag } from '../support/log/group-lag.ts';
import { produceSteadily } from '../support/log/produce-steadily.ts';
import { untilTransactionsEnd } from '../support/log/read-settled.ts';
import { eachRecord } from '../support/log/read-topic.ts';
import type { WorkerProcess } from '../support/worker/worker-process.ts';
import { atMost, equal, type Finding } from './finding.ts';
import { trainModel } from './model.ts';
import type { EnduranceEnvironment } from './environment.ts';

const TOPIC = 'sustained';
const STREAM = 'sustained-stream';
const PARTITIONS = 4;
/** Only a stream that does not catch up reaches this limit. */
const GIVE_UP_SECONDS = 10 * 60;

interface Plan {
  readonly rate: number;
  readonly seconds: number;
  readonly killEverySeconds: number;
  /** From the last record to a lag of 0. */
  readonly maxLagSeconds: number;
}

/** A producer writes at a steady rate; two workers score, and one of them is killed at intervals. */
export async function sustainedStream(environment: EnduranceEnvironment, plan: Plan): Promise<Finding[]> {
  const { client, kafka, taskQueue, startWorker } = environment;
  const workers = [await startWorker(), await startWorker()];
  const model = await trainModel(environment);
  const admin = kafka.admin();
  await admin.connect();
  await createTopics(admin, [TOPIC], PARTITIONS);
  const stream = await client.workflow.start(workflowType.scoreStream, {
    workflowId: STREAM,
    taskQueue,
    args: [{ topic: TOPIC, model, trigger: { intervalSeconds: 1 }, stream: { inFlight: 8 } }],
  });

  const killing = killWorkers(environment, plan, workers);
  const produced = await produceSteadily(kafka, TOPIC, plan, (serial) =>
    JSON.stringify({ budget: serial % 1_000 }),
  );
  const endedAtMs = Date.now();
  let lag = Infinity;
  while (lag > 0 && Date.now() - endedAtMs < GIVE_UP_SECONDS * 1_000) {
    await setTimeout(200);
    lag = await groupLag(admin, STREAM, TOPIC);
  }
  const lagSeconds = (Date.now() - endedAtMs) / 1_000;
  const kills = await killing;
  await stream.signal('stop');
  const result = (await stream.result()) as ContinuousResult;
  const { places, records } = await readPredictions(kafka);
  await admin.disconnect();
  return [
    { what: 'workers killed', found: `${kills}`, bound: '≥ 1', isMet: kills >= 1 },
    equal('records predicted', places, produced),
    equal('predicted twice', records - places, 0),
    equal('predicted, by the stream’s own count', result.predicted, produced),
    equal('lag in the end', lag, 0),
    atMost('until the lag is 0', Number(lagSeconds.toFixed(1)), plan.maxLagSeconds, 's'),
  ];
}

/** None at the very end: its work would be missed only after the heartbeat timeout. @returns how many were killed */
async function killWorkers(
  { client, startWorker, log }: EnduranceEnvironment,
  { seconds, killEverySeconds }: Plan,
  workers: WorkerProcess[],
): Promise<number> {
  const startedAtMs = Date.now();
  let kills = 0;
  for (let dueSeconds = killEverySeconds; dueSeconds < seconds; dueSeconds += killEverySeconds) {
    await setTimeout(Math.max(0, startedAtMs + dueSeconds * 1_000 - Date.now()));
    const [worker] = workers.splice(0, 1);
    await worker?.kill();
    kills += 1;
    workers.push(await startWorker());
    const query = client.workflow.getHandle(STREAM).query<StreamProgress>(PROGRESS_QUERY);
    const progress = await query.catch(() => undefined);
    log(
      `worker ${kills} killed; ${progress?.predicted ?? '?'} predicted, ` +
        `${progress?.rowsPerSecond ?? '?'} rows/s, lag ${progress?.position?.lag ?? '?'}`,
    );
  }
  return kills;
}

/** Counts predictions, and the records that they are of. */
async function readPredictions(kafka: Kafka): Promise<{ readonly records: number; readonly places: number }> {
  const topic = predictionsTopic(TOPIC);
  await untilTransactionsEnd(kafka, topic);
  const records = new Set<string>();
  const places = new Set<string>();
  await eachRecord(kafka, topic, ({ partition, offset, value }) => {
    if (value === null) return;
    records.add(`${partition}@${offset}`);
    const { source } = JSON.parse(String(value)) as { source: { partition: number; offset: number } };
    places.add(`${source.partition}@${source.offset}`);
  });
  return { records: records.size, places: places.size };
}
