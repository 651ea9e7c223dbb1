import { resample } from '../../data/dataset.ts';
import { interleave } from '../../suite/interleave.ts';
import type { Session } from '../session.ts';
import { formatRatio, SAMPLE_HEAD, sampleCells, speedup } from '../../suite/table.ts';
import { atLeast } from '../../suite/target.ts';
import { PREDICTION_SPEEDUP } from '../targets.ts';

const TREES = 100;
const ROWS = 100_000;

/** Predicts many rows at once with a full-depth forest. */
export async function measurePrediction(session: Session): Promise<void> {
  const { ours, peer, test, train, store, report } = session;
  const sklearn = peer('sklearn');
  const settings = { trees: TREES, featureFraction: 1, seed: 1 };
  const model = await ours.fit(train(1).set, settings);
  await sklearn.fit(train(1), settings);
  const many = store('many', resample(test.set, ROWS));
  const engines = {
    ours: () => model.predict(many.set),
    'scikit-learn': () => sklearn.predict(many),
  };
  const what = `predict ${ROWS.toLocaleString('en')} rows`;
  await interleave(`${what}, warm-up`, 1, engines);
  const samples = await interleave(what, session.repeats, engines);
  await sklearn.forget(many);

  const ratio = speedup(samples['scikit-learn'], samples.ours);
  report.addRatio('scikit-learn', 'predict ×1', ratio);
  report.addTarget(atLeast(`${what} × ${TREES} trees vs scikit-learn`, PREDICTION_SPEEDUP, ratio));
  report.addSection({
    title: `Predicting ${ROWS.toLocaleString('en')} rows with ${TREES} full-depth trees`,
    notes: [
      'Forests of the ×1 rows, rows drawn again from the held-out ones with jitter, 2 threads each, the model already loaded.',
    ],
    table: {
      head: ['engine', ...SAMPLE_HEAD, 'ours is faster'],
      rows: [
        ['ours', ...sampleCells(samples.ours), ''],
        ['scikit-learn', ...sampleCells(samples['scikit-learn']), formatRatio(ratio)],
      ],
    },
  });
}
