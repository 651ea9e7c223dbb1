import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { TrainingSet } from '../src/activities/training/forest-engine.ts';
import { writeCsv } from './data/dataset.ts';
import { writeRawFiles } from './data/raw-file.ts';
import { unlessMissing, type Context } from './setup/context.ts';
import { startPeerProcess, type PeerProcess } from './setup/peer-process.ts';
import { compileProgram } from './setup/program.ts';
import { createTopics, someRows } from './setup/topics.ts';
import { interleave, type Turn } from './suite/interleave.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';
import type { Results } from './suite/results.ts';
import { median } from './suite/statistics.ts';
import { formatRatio, formatSeconds } from './suite/table.ts';
import { atLeast } from './suite/target.ts';

const ROWS = 228_060;
const ROUNDS = 5;
const QUICK_ROUNDS = 2;
const TARGET_RATIO = 1.5;

const sampleSchema = z.object({ seconds: z.number(), publishSeconds: z.number(), rows: z.number() });
type Sample = z.output<typeof sampleSchema>;

export const publish: Part = {
  name: 'publish',
  question: 'How long does it take to publish a split to Kafka and to read it back, beside Spark?',
  async run(context, results) {
    const { quick, repeats = quick ? QUICK_ROUNDS : ROUNDS } = context.options;
    results.setData(`${ROWS.toLocaleString('en')} rows: ${context.dataset.origin}, drawn again with noise`);
    const { kafka } = await context.services();
    const rows = someRows(context.dataset, ROWS);
    const directory = mkdtempSync(join(context.directory, 'publish-'));
    const ours = await startOurs(context, rows, directory);
    let topics = 0;
    const newTopic = async (): Promise<string> => {
      topics += 1;
      const topic = `publish-${topics}`;
      await createTopics(kafka, [topic]);
      return topic;
    };
    const engines: Record<string, Turn<Sample>> = {
      ours: async () => expectAll(await ours.ask(sampleSchema, await newTopic())),
    };
    const spark = await unlessMissing(results, 'Spark', () => prepareSpark(context, rows, directory));
    if (spark) {
      results.addPeers(spark.versions);
      engines['Spark'] = async () => expectAll(await spark.publish({ topic: await newTopic() }));
    }
    try {
      const first = await interleave('publish, first', 1, engines);
      addResults(results, first, await interleave('publish', repeats, engines));
    } finally {
      await ours.close();
    }
  },
};

async function startOurs(context: Context, rows: TrainingSet, directory: string): Promise<PeerProcess> {
  const { brokers } = await context.services();
  const program = (await compileProgram()).process('publish-process');
  const facts = {
    ...writeRawFiles(directory, 'rows', rows),
    brokers,
    artifactDir: join(directory, 'artifacts'),
  };
  return startPeerProcess('publish-process', process.execPath, [program, JSON.stringify(facts)]);
}

async function prepareSpark(context: Context, rows: TrainingSet, directory: string) {
  const spark = await context.spark();
  progress('publish: rows for Spark');
  await spark.cache({ csv: writeCsv(join(directory, 'rows.csv'), rows) });
  return spark;
}

function expectAll(sample: Sample): Sample {
  if (sample.rows !== ROWS) throw new Error(`${sample.rows} of ${ROWS} rows were read back`);
  return sample;
}

type Samples = Readonly<Record<string, readonly Sample[]>>;

function addResults(results: Results, first: Samples, later: Samples): void {
  const time = (name: string, of: (sample: Sample) => number): number => median((later[name] ?? []).map(of));
  const whole = (name: string): number => time(name, ({ seconds }) => seconds);
  const ratio = whole('Spark') / whole('ours');
  results.addFigure('seconds', whole('ours'));
  if (later['Spark']) {
    results.addRatio('Spark', 'publish and read back', ratio);
    const figure = `publish and read back ${ROWS.toLocaleString('en')} rows, against Spark`;
    results.addTarget(atLeast(figure, TARGET_RATIO, ratio));
  }
  results.addSection({
    title: 'Publish and read back',
    notes: [
      'Ours: the activities publishSplit and consumeSplit in one process, from a table on the disk to a table on the disk, in transactions with markers, two headers a record, both sides hashed and compared. Spark: cached rows to a topic as JSON, then read back, parsed, and every column summed.',
    ],
    table: {
      head: ['', 'first', 'later', 'publish', 'read back', 'runs', 'ours is faster'],
      rows: Object.keys(later).map((name) => [
        name,
        formatSeconds(first[name]?.[0]?.seconds ?? NaN),
        formatSeconds(whole(name)),
        formatSeconds(time(name, ({ publishSeconds }) => publishSeconds)),
        formatSeconds(time(name, ({ seconds, publishSeconds }) => seconds - publishSeconds)),
        `${later[name]?.length ?? 0}`,
        name === 'ours' ? '' : formatRatio(ratio),
      ]),
    },
  });
}
