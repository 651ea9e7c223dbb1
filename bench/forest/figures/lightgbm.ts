import { interleave } from '../../suite/interleave.ts';
import { progress } from '../../suite/progress.ts';
import { describeSize, type Session } from '../session.ts';
import { mean, median } from '../../suite/statistics.ts';
import { formatRatio, formatSeconds, formatShare, rmseDifference, type Sample } from '../../suite/table.ts';
import type { Size } from '../targets.ts';

/** Trees of this shape take LightGBM seconds each on many rows. */
const TREES: Readonly<Record<Size, number>> = { 1: 100, 10: 10, 100: 10 };
const OUR_TREES = 100;
const ROUNDS = 2;
const QUICK = { trees: 10, rounds: 1 } as const;

/** LightGBM's random forests, for comparison, without a target. */
export async function measureLightGbm(session: Session): Promise<void> {
  const rows: string[][] = [];
  progress('LightGBM: warm-up');
  await session.peer('lightgbm').fit(session.train(1), { trees: 1, featureFraction: 1, seed: 0 });
  for (const size of session.sizes) rows.push(await measureSize(session, size));
  session.report.addSection({
    title: 'LightGBM, per tree',
    notes: [
      `boosting_type "rf": it grows leaf by leaf on at most 255 bins a feature and at most 131,072 leaves, on bags of 63.2 % of the rows without replacement. Its trees are not equal to full-depth trees, and this ratio has no target. Time of a forest on 2 threads, divided by its trees; ours always has ${OUR_TREES}. RMSE only where it has as many.`,
    ],
    table: {
      head: [
        'rows',
        'its trees',
        'ours, a tree',
        'LightGBM, a tree',
        'our RMSE',
        'its RMSE',
        'RMSE, ours to its',
        'ours is faster',
      ],
      rows,
    },
  });
}

async function measureSize(session: Session, size: Size): Promise<string[]> {
  const { ours, test, report, quick } = session;
  const lightgbm = session.peer('lightgbm');
  const train = session.train(size);
  const trees = quick ? QUICK.trees : TREES[size];
  const samples = await interleave(`LightGBM ×${size}`, quick ? QUICK.rounds : ROUNDS, {
    ours: async (seed): Promise<Sample> => {
      const model = await ours.fit(train.set, { trees: OUR_TREES, featureFraction: 1, seed });
      return { seconds: model.seconds / OUR_TREES, rmse: (await model.predict(test.set)).rmse };
    },
    LightGBM: async (seed): Promise<Sample> => {
      const seconds = await lightgbm.fit(train, { trees, featureFraction: 1, seed });
      return { seconds: seconds / trees, rmse: (await lightgbm.predict(test)).rmse };
    },
  });
  await lightgbm.forget(train);

  const time = (of: readonly Sample[]): number => median(of.map(({ seconds }) => seconds));
  const error = (of: readonly Sample[]): string => mean(of.map(({ rmse }) => rmse)).toFixed(4);
  const ratio = time(samples.LightGBM) / time(samples.ours);
  report.addRatio('LightGBM', `train, per tree ×${size}`, ratio);
  const times = [formatSeconds(time(samples.ours)), formatSeconds(time(samples.LightGBM))];
  const cells = [describeSize(size, train), `${trees}`, ...times, error(samples.ours)];
  if (trees !== OUR_TREES) return [...cells, '', '', formatRatio(ratio)];
  const difference = rmseDifference(samples.LightGBM, samples.ours);
  report.addFigure(`RMSE to LightGBM, train ×${size}`, difference);
  return [...cells, error(samples.LightGBM), formatShare(difference), formatRatio(ratio)];
}
