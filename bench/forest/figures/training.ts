import { JITTER } from '../../data/dataset.ts';
import { interleave } from '../../suite/interleave.ts';
import type { FitSettings } from '../peer-process.ts';
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
import { atLeast, withinShare } from '../../suite/target.ts';
import { TRAINING_RMSE_TOLERANCE, TRAINING_SPEEDUP, type Size } from '../targets.ts';

const TREES = 100;

/** Full-depth forests on growing numbers of rows. */
export async function measureTraining(session: Session): Promise<void> {
  const { report, sizes } = session;
  await session.peer('sklearn').fit(session.train(1), { trees: TREES, featureFraction: 1, seed: 0 });
  const rows: string[][] = [];
  for (const size of sizes) rows.push(...(await measureSize(session, size)));
  report.addSection({
    title: `Training ${TREES} full-depth trees`,
    notes: [
      `All features at every split, one row a leaf, 2 threads, each run with another seed (of the bags; all engines the same rows). Rows beyond ×1 are drawn with replacement from the ×1 rows, every value times 1 ± ${JITTER * 100} % of uniform noise. RMSE: mean over the runs, on the same held-out rows. "With out-of-bag" adds the joining of the parts and the out-of-bag predictions, which scikit-learn was not asked for.`,
    ],
    table: { head: ['rows', 'engine', ...SAMPLE_HEAD, 'RMSE, ours to theirs', 'ours is faster'], rows },
  });
}

async function measureSize(session: Session, size: Size): Promise<string[][]> {
  const { ours, test, report } = session;
  const sklearn = session.peer('sklearn');
  const train = session.train(size);
  const withOutOfBag: Sample[] = [];
  const settings = (seed: number): FitSettings => ({ trees: TREES, featureFraction: 1, seed });
  const engines = {
    ours: async (seed: number): Promise<Sample> => {
      const model = await ours.fit(train.set, settings(seed));
      const { rmse } = await model.predict(test.set);
      withOutOfBag.push({ seconds: model.seconds + (await model.assemble()), rmse });
      return { seconds: model.seconds, rmse };
    },
    'scikit-learn': async (seed: number): Promise<Sample> => {
      const seconds = await sklearn.fit(train, settings(seed));
      return { seconds, rmse: (await sklearn.predict(test)).rmse };
    },
  };

  const samples = await interleave(`train ×${size}`, session.roundsAt(size), engines);
  await sklearn.forget(train);

  const theirs = samples['scikit-learn'];
  const ratio = speedup(theirs, samples.ours);
  const difference = rmseDifference(theirs, samples.ours);
  report.addRatio('scikit-learn', `train ×${size}`, ratio);
  report.addFigure(`RMSE to scikit-learn, train ×${size}`, difference);
  addTargets(session, size, ratio, difference);
  const label = describeSize(size, train);
  return [
    [label, 'ours', ...sampleCells(samples.ours), '', ''],
    [
      label,
      'ours, with out-of-bag',
      ...sampleCells(withOutOfBag),
      '',
      formatRatio(speedup(theirs, withOutOfBag)),
    ],
    [label, 'scikit-learn', ...sampleCells(theirs), formatShare(difference), formatRatio(ratio)],
  ];
}

function addTargets({ report }: Session, size: Size, ratio: number, difference: number): void {
  const versus = `${TREES} full-depth trees ×${size} vs scikit-learn`;
  report.addTarget(atLeast(`train ${versus}`, TRAINING_SPEEDUP[size], ratio));
  const tolerance = TRAINING_RMSE_TOLERANCE[size];
  if (tolerance !== undefined) report.addTarget(withinShare(`RMSE of ${versus}`, tolerance, difference));
}
