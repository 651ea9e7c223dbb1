import { interleave } from '../../suite/interleave.ts';
import type { FitSettings } from '../peer-process.ts';
import { progress } from '../../suite/progress.ts';
import { describeSize, type Session } from '../session.ts';
import {
  formatRatio,
  formatShare,
  rmseDifference,
  SAMPLE_HEAD,
  sampleCells,
  speedup,
  type Sample,
} from '../../suite/table.ts';
import { atLeast } from '../../suite/target.ts';
import { SPARK_SPEEDUP, type Size } from '../targets.ts';

interface Setting {
  readonly trees: number;
  readonly maxDepth: number;
  /** At ×1. */
  readonly target: number;
}

const SMALL: Setting = { trees: 20, maxDepth: 5, target: SPARK_SPEEDUP.small };
const SETTINGS: readonly Setting[] = [SMALL, { trees: 100, maxDepth: 10, target: SPARK_SPEEDUP.large }];
/** Spark's names of the share of the features that a split may choose from; a third is its default for regression. */
const FRACTIONS = { onethird: 1 / 3, all: 1 } as const;
/** Fewer, because most of a quick run is waiting for Spark. */
const QUICK_ROUNDS = 2;
type Fraction = keyof typeof FRACTIONS;

/** Shallow forests against Spark's MLlib. */
export async function measureSpark(session: Session): Promise<void> {
  const { sizes, report } = session;
  const rows: string[][] = [];
  for (const size of sizes) {
    const fractions: readonly Fraction[] = size === 1 && !session.quick ? ['onethird', 'all'] : ['onethird'];
    for (const setting of SETTINGS) {
      for (const fraction of fractions) rows.push(await measureSetting(session, size, setting, fraction));
    }
    await session.peer('spark').forget(session.train(size));
  }
  report.addSection({
    title: 'Spark MLlib',
    notes: [
      'RandomForestRegressor on local[2] with Spark’s defaults (32 bins), rows cached in 2 partitions; "features": featureSubsetStrategy, the same share on our side. Warm: a first fit of the same kind is discarded at ×1, one of 20 trees of depth 5 at larger sizes. Same number of trees, depth, rows; each run with another seed.',
    ],
    table: {
      head: [
        'rows',
        'trees × depth',
        'features',
        'ours',
        ...SAMPLE_HEAD.map((cell) => `Spark: ${cell}`),
        'our RMSE',
        'RMSE, ours to theirs',
        'ours is faster',
      ],
      rows,
    },
  });
}

async function measureSetting(
  session: Session,
  size: Size,
  { trees, maxDepth, target }: Setting,
  fraction: Fraction,
): Promise<string[]> {
  const { ours, test, report } = session;
  const spark = session.peer('spark');
  const train = session.train(size);
  const rounds = session.quick ? QUICK_ROUNDS : session.roundsAt(size);
  const shape = `${trees} × depth ${maxDepth}`;
  const settings = (seed: number): FitSettings => ({
    trees,
    maxDepth,
    featureFraction: FRACTIONS[fraction],
    seed,
  });
  const fitOurs = async (seed: number): Promise<Sample> => {
    const model = await ours.fit(train.set, settings(seed));
    return { seconds: model.seconds, rmse: (await model.predict(test.set)).rmse };
  };

  progress(`Spark ×${size}, ${shape}, ${fraction}: warm-up`);
  await spark.fit(
    train,
    size === 1 ? settings(0) : { ...settings(0), trees: SMALL.trees, maxDepth: SMALL.maxDepth },
  );
  await fitOurs(0);
  const samples = await interleave(`Spark ×${size}, ${shape}, ${fraction}`, rounds, {
    ours: fitOurs,
    Spark: async (seed) => {
      const seconds = await spark.fit(train, settings(seed));
      return { seconds, rmse: (await spark.predict(test)).rmse };
    },
  });

  const ratio = speedup(samples.Spark, samples.ours);
  const difference = rmseDifference(samples.Spark, samples.ours);
  const figure = `${shape}, ${fraction}, ×${size}`;
  report.addRatio('Spark', figure, ratio);
  report.addFigure(`RMSE to Spark, ${figure}`, difference);
  if (size === 1) report.addTarget(atLeast(`train ${figure} vs Spark`, target, ratio));
  const [median = '', , , rmse = ''] = sampleCells(samples.ours);
  const measured = [median, ...sampleCells(samples.Spark), rmse, formatShare(difference), formatRatio(ratio)];
  return [describeSize(size, train), shape, fraction, ...measured];
}
