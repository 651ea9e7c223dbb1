import { workflowType } from '../../../src/domain/names.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { groupLag } from '../../support/log/group-lag.ts';
import { produceSteadily } from '../../support/log/produce-steadily.ts';
import { readTopic } from '../../support/log/read-topic.ts';
import { createRunTopics } from '../environment/topics.ts';
import type { PipelineBaseline } from '../jobs/pipeline-job.ts';
import { readStreamRecords } from '../jobs/stream-evidence.ts';
import { judge, predictionsSha256, type Verdict } from '../report/oracle.ts';
import type { ChaosServers } from './servers.ts';

type Model = PipelineBaseline['result']['model'];

const STREAM = 'chaos-stream';
const TOPIC = 'chaos-records';
const PARTITIONS = 4;
/** Different records; what each is predicted as is known from a stream without kills. */
const KINDS = 1_000;

export interface ChaosStream {
  /** Writes at a steady rate. @returns how many records were acknowledged */
  produce(seconds: number, rate: number): Promise<number>;
  /** Waits until everything is scored. @returns the seconds that it took */
  catchUp(): Promise<number>;
  /** Stops the stream and compares each prediction with that of the same record without kills. */
  judge(): Promise<Verdict>;
}

/** A stream that runs until it is judged. */
export async function startStream(servers: ChaosServers, model: Model): Promise<ChaosStream> {
  const { client, kafka, taskQueue } = servers;
  const expected = await predictWithoutKills(servers, model);
  await createRunTopics(kafka, TOPIC, PARTITIONS);
  const args = [{ topic: TOPIC, model, start: 'earliest', trigger: { intervalSeconds: 1 } }];
  const handle = await client.workflow.start(workflowType.scoreStream, {
    workflowId: STREAM,
    taskQueue,
    args,
  });

  return {
    produce: (seconds, rate) =>
      produceSteadily(kafka, TOPIC, { rate, seconds }, (serial) => recordOf(model, serial)),
    async catchUp() {
      const begunMs = Date.now();
      // The stream's own lag is as of its last look at the topic.
      const admin = kafka.admin();
      await admin.connect();
      await pollUntil(
        'the stream to be up to date',
        async () => (await groupLag(admin, STREAM, TOPIC)) === 0,
      );
      await admin.disconnect();
      return (Date.now() - begunMs) / 1_000;
    },
    async judge() {
      await handle.signal('stop');
      await handle.result();
      const places = (await readTopic(kafka, TOPIC)).map(({ partition, offset, value }) => ({
        id: `${partition}@${offset}`,
        prediction: expected.get(String(value)) ?? NaN,
      }));
      const ids = places.map(({ id }) => id);
      return judge({
        ...(await readStreamRecords(kafka, TOPIC)),
        expected: ids,
        expectedInputs: ids,
        expectedSha256: predictionsSha256(places),
      });
    },
  };
}

/** Every number differs between records, and none is in two of them. */
function recordOf({ features }: Model, serial: number): string {
  const kind = serial % KINDS;
  return JSON.stringify(
    Object.fromEntries(features.map((feature, f) => [feature, (kind * (f + 3) * 37) % 100_000])),
  );
}

async function predictWithoutKills(
  { client, kafka, taskQueue }: ChaosServers,
  model: Model,
): Promise<Map<string, number>> {
  const topic = 'chaos-baseline';
  await createRunTopics(kafka, topic, 1);
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: KINDS }, (_, serial) => ({ value: recordOf(model, serial) }));
  await producer.send({ topic, messages });
  await producer.disconnect();
  await client.workflow.execute(workflowType.scoreStream, {
    workflowId: topic,
    taskQueue,
    args: [{ topic, model, start: 'earliest', trigger: 'available-now' }],
  });
  const { predictions } = await readStreamRecords(kafka, topic);
  const byPlace = new Map(predictions.map(({ id, prediction }) => [id, prediction]));
  return new Map(
    (await readTopic(kafka, topic)).map(({ partition, offset, value }) => [
      String(value),
      byPlace.get(`${partition}@${offset}`) ?? NaN,
    ]),
  );
}
