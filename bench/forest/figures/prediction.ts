import { resample } from '../../data/dataset.ts';
import { interleave, type Turn } from '../../suite/interleave.ts';
import { SAMPLE_HEAD, type Sample } from '../../suite/table.ts';
import { addComparison, comparisonRow, peersThatWork } from '../compare.ts';
import { PEER_TITLES, type PeerName, type Session } from '../session.ts';
import { PREDICTION_SPEEDUP } from '../targets.ts';

const TREES = 100;
const ROWS = 100_000;
const QUICK_PEERS: readonly PeerName[] = ['sklearn', 'onnxruntime'];
const PEERS: readonly PeerName[] = [...QUICK_PEERS, 'intelex', 'ydf', 'treelite'];

/** Predicts many rows at once with a full-depth forest. */
export async function measurePrediction(session: Session): Promise<void> {
  const { ours, test, train, store, report, quick } = session;
  const settings = { trees: TREES, featureFraction: 1, seed: 1 };
  const model = await ours.fit(train(1).set, settings);
  const many = store('many', resample(test.set, ROWS));
  const what = `predict ${ROWS.toLocaleString('en')} rows`;
  const peers = await peersThatWork(report, quick ? QUICK_PEERS : PEERS, async (name) => {
    await session.peer(name).fit(train(1), settings);
    await session.peer(name).predict(many);
  });
  await model.predict(many.set);
  const engines: Record<string, Turn<Sample>> = { ours: () => model.predict(many.set) };
  for (const name of peers) {
    const peer = session.peer(name);
    engines[PEER_TITLES[name]] = () => peer.predict(many);
  }
  const { ours: own = [], ...theirs } = await interleave(what, session.repeats, engines);
  for (const name of peers) await session.peer(name).forget(many);

  const figure = `${what} × ${TREES} trees`;
  addComparison(report, figure, { ours: own, theirs, factor: PREDICTION_SPEEDUP });
  report.addSection({
    title: `Predicting ${ROWS.toLocaleString('en')} rows with ${TREES} full-depth trees`,
    notes: [
      'Forests of the ×1 rows, rows drawn again from the held-out ones with jitter, 2 threads each, the model already loaded. ONNX Runtime and treelite score scikit-learn’s forest.',
    ],
    table: {
      head: ['engine', ...SAMPLE_HEAD, 'RMSE, ours to theirs', 'ours is faster'],
      rows: [
        comparisonRow('ours', own, own),
        ...Object.entries(theirs).map(([name, one]) => comparisonRow(name, one, own)),
      ],
    },
  });
}
