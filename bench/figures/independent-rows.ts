import { friedman } from '../dataset.ts';
import { interleave } from '../interleave.ts';
import type { Session } from '../session.ts';
import { formatRatio, formatShare, rmseDifference, SAMPLE_HEAD, sampleCells, speedup } from '../table.ts';
import { atLeast, INDEPENDENT_RMSE_TOLERANCE, INDEPENDENT_SPEEDUP, withinShare } from '../targets.ts';

const ROWS = 300_000;
const TEST_ROWS = 20_000;
const FEATURES = 15;
const TREES = 20;
/** Few, because scikit-learn takes minutes. */
const ROUNDS = 1;

/** Rows with all values distinct, which resampled rows do not have. */
export async function measureIndependentRows({ ours, peer, store, report }: Session): Promise<void> {
  const sklearn = peer('sklearn');
  const train = store('independent-train', friedman(ROWS, FEATURES, 1));
  const test = store('independent-test', friedman(TEST_ROWS, FEATURES, 2));
  const settings = (seed: number) => ({ trees: TREES, featureFraction: 1, seed });
  const samples = await interleave('independent rows', ROUNDS, {
    ours: async (seed) => {
      const model = await ours.fit(train.set, settings(seed));
      return { seconds: model.seconds, rmse: (await model.predict(test.set)).rmse };
    },
    'scikit-learn': async (seed) => {
      const seconds = await sklearn.fit(train, settings(seed));
      return { seconds, rmse: (await sklearn.predict(test)).rmse };
    },
  });
  await sklearn.forget(train);
  await sklearn.forget(test);

  const theirs = samples['scikit-learn'];
  const ratio = speedup(theirs, samples.ours);
  const difference = rmseDifference(theirs, samples.ours);
  const figure = `${ROWS.toLocaleString('en')} independent rows`;
  report.addRatio('scikit-learn', figure, ratio);
  report.addRmseDifference('scikit-learn', figure, difference);
  report.addTarget(atLeast(`train on ${figure} vs scikit-learn`, INDEPENDENT_SPEEDUP, ratio));
  report.addTarget(withinShare(`RMSE on ${figure} vs scikit-learn`, INDEPENDENT_RMSE_TOLERANCE, difference));
  report.addSection({
    title: `Training on ${figure}`,
    notes: [
      `Made up after Friedman: ${FEATURES} uniform features, y = 10 sin(πx₁x₂) + 20(x₃ − ½)² + 10x₄ + 5x₅ + N(0, 1). ${TREES} full-depth trees, all features, ${TEST_ROWS.toLocaleString('en')} held-out rows.`,
    ],
    table: {
      head: ['engine', ...SAMPLE_HEAD, 'RMSE, ours to theirs', 'ours is faster'],
      rows: [
        ['ours', ...sampleCells(samples.ours), '', ''],
        ['scikit-learn', ...sampleCells(theirs), formatShare(difference), formatRatio(ratio)],
      ],
    },
  });
}
