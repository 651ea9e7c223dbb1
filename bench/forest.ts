import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { measureAccuracy } from './forest/figures/accuracy.ts';
import { measureIndependentRows } from './forest/figures/independent-rows.ts';
import { measureBoosting } from './forest/figures/boosting.ts';
import { measureMlRandomForest } from './forest/figures/ml-random-forest.ts';
import { measurePeakMemory } from './forest/figures/peak-memory.ts';
import { measurePrediction } from './forest/figures/prediction.ts';
import { measureSpark } from './forest/figures/spark.ts';
import { measureTraining } from './forest/figures/training.ts';
import { createSession, type Session } from './forest/session.ts';
import { unlessMissing } from './setup/context.ts';
import { ensurePythonEnvironment, javaVersion } from './setup/python-environment.ts';
import type { Part } from './suite/part.ts';
import type { Results } from './suite/results.ts';
import { versionOf } from './suite/machine.ts';
import { progress } from './suite/progress.ts';

/** In the order of the report. */
const FIGURES: Readonly<Record<string, (session: Session) => Promise<void>>> = {
  training: measureTraining,
  prediction: measurePrediction,
  accuracy: measureAccuracy,
  'ml-random-forest': measureMlRandomForest,
  boosting: measureBoosting,
  spark: measureSpark,
  memory: measurePeakMemory,
  independent: measureIndependentRows,
};
/** They take many minutes. */
const FULL_ONLY = ['independent'];

/** Of requirements/forest.txt, for the report. */
const PACKAGES = [
  'scikit-learn',
  'scikit-learn-intelex',
  'ydf',
  'xgboost-cpu',
  'lightgbm',
  'onnxruntime',
  'treelite',
];

const DEFAULT_REPEATS = 5;
const QUICK_REPEATS = 3;
const WARM_UP_SEEDS = [101, 102];

export const forest: Part = {
  name: 'forest',
  question:
    'How fast does the histogram engine train and score, beside other random forests, at equal error?',
  figures: Object.keys(FIGURES),
  async run(context, results, figures) {
    const { dataset, options, directory } = context;
    const { quick, full, repeats = quick ? QUICK_REPEATS : DEFAULT_REPEATS } = options;
    results.setData(dataset.origin);
    const isWhole = figures.size === Object.keys(FIGURES).length;
    const sizes = quick ? ([1] as const) : full ? ([1, 10, 100] as const) : ([1, 10] as const);
    const python = await findPeers(results, figures);
    if (!python) return;
    const scratch = mkdtempSync(join(directory, 'forest-'));
    const session = createSession(
      { quick, sizes, repeats },
      { dataset, python, directory: scratch, report: results },
    );
    try {
      await warmUp(session);
      for (const [name, measure] of Object.entries(FIGURES)) {
        if (!figures.has(name) || (isWhole && !full && FULL_ONLY.includes(name))) continue;
        await unlessMissing(results, `the figure ${name}`, () => measure(session));
        await results.save();
      }
    } finally {
      await session.close();
    }
  },
};

/** Starts our threads and lets V8 optimize the kernel. */
async function warmUp({ ours, train }: Session): Promise<void> {
  progress('warm-up: ours');
  for (const seed of WARM_UP_SEEDS) await ours.fit(train(1).set, { trees: 100, featureFraction: 1, seed });
}

async function findPeers(results: Results, figures: ReadonlySet<string>) {
  const forest = await unlessMissing(results, 'any peer', () => ensurePythonEnvironment('forest'));
  if (!forest) return undefined;
  const versions = PACKAGES.map((name) => [name, forest.pinned(name)] as const);
  results.addPeers({ python: forest.version, ...Object.fromEntries(versions) });
  results.addPeers({ 'ml-random-forest': versionOf('ml-random-forest') });
  const spark = figures.has('spark') ? await unlessMissing(results, 'Spark', findSpark) : undefined;
  if (spark) results.addPeers(spark.versions);
  return { forest: forest.python, spark: spark?.python };
}

async function findSpark() {
  const java = await javaVersion();
  const { python, pinned } = await ensurePythonEnvironment('spark');
  return { python, versions: { java, spark: pinned('pyspark') } };
}
