import { split } from '../../data/dataset.ts';
import { progress } from '../../suite/progress.ts';
import type { Session } from '../session.ts';
import { mean, standardError } from '../../suite/statistics.ts';
import { withinPoints } from '../../suite/target.ts';
import { ACCURACY_TOLERANCE } from '../targets.ts';

const TREES = 100;
const SPLITS = 20;
const QUICK_SPLITS = 5;

/** Both train on the same splits, many times, because the difference on one split is mostly chance. */
export async function measureAccuracy({ quick, all, ours, peer, store, report }: Session): Promise<void> {
  const sklearn = peer('sklearn');
  const splits = quick ? QUICK_SPLITS : SPLITS;
  const pairs: { readonly ours: number; readonly theirs: number }[] = [];
  for (let repetition = 1; repetition <= splits; repetition += 1) {
    progress(`accuracy: split ${repetition} of ${splits}`);
    const halves = split(all, repetition);
    const train = store('accuracy-train', halves.train);
    const test = store('accuracy-test', halves.test);
    const settings = { trees: TREES, featureFraction: 1, seed: repetition };
    const model = await ours.fit(train.set, settings);
    await sklearn.fit(train, settings);
    const theirs = await sklearn.predict(test);
    pairs.push({ ours: (await model.predict(test.set)).rmse, theirs: theirs.rmse });
    await sklearn.forget(train);
    await sklearn.forget(test);
  }

  const differences = pairs.map((pair) => pair.ours - pair.theirs);
  const difference = mean(differences);
  const error = standardError(differences);
  report.addFigure(`RMSE to scikit-learn, points, mean of ${splits} splits`, difference);
  report.addFigure(`RMSE to scikit-learn, points, standard error of ${splits} splits`, error);
  report.addTarget(
    withinPoints(
      `RMSE vs scikit-learn, mean of ${splits} splits, rating points`,
      ACCURACY_TOLERANCE,
      difference,
    ),
  );
  report.addSection({
    title: 'Accuracy against scikit-learn',
    notes: [
      `${splits} random splits of all rows, 80 to 20, ${TREES} full-depth trees each${quick ? ` (--quick; a full run takes ${SPLITS})` : ''}. The difference is paired: ours less theirs on the same split; below 0, ours is the better one.`,
    ],
    table: {
      head: ['splits', 'mean RMSE, ours', 'mean RMSE, scikit-learn', 'mean difference', 'standard error'],
      rows: [
        [
          `${splits}`,
          mean(pairs.map((pair) => pair.ours)).toFixed(4),
          mean(pairs.map((pair) => pair.theirs)).toFixed(4),
          difference.toFixed(4),
          error.toFixed(4),
        ],
      ],
    },
  });
}
