import { interleave } from '../../suite/interleave.ts';
import { peersThatWork } from '../compare.ts';
import { describeSize, PEER_TITLES, type PeerName, type Session } from '../session.ts';
import { mean, median } from '../../suite/statistics.ts';
import { formatRatio, formatSeconds, formatShare, rmseDifference, type Sample } from '../../suite/table.ts';
import type { Size } from '../targets.ts';

/** Trees of this shape take these libraries seconds each on many rows. */
const TREES: Readonly<Record<Size, number>> = { 1: 100, 10: 5, 100: 10 };
const OUR_TREES = 100;
const ROUNDS = 2;
const QUICK = { trees: 10, rounds: 1 } as const;

const PEERS: readonly PeerName[] = ['lightgbm', 'xgboost'];

/** The random forests of boosting libraries, for comparison, without a target. */
export async function measureBoosting(session: Session): Promise<void> {
  const rows: string[][] = [];
  const warmUp = { trees: 1, featureFraction: 1, seed: 0 };
  const peers = await peersThatWork(session.report, PEERS, (name) =>
    session.peer(name).fit(session.train(1), warmUp),
  );
  for (const size of session.sizes) {
    for (const name of peers) rows.push(await measureSize(session, size, name));
  }
  session.report.addSection({
    title: 'Forests of boosting libraries, per tree',
    notes: [
      `LightGBM’s boosting_type "rf" grows leaf by leaf on at most 255 bins a feature and at most 131,072 leaves; XGBoost’s XGBRFRegressor level by level on 256 bins. Both draw bags of 63.2 % of the rows without replacement. Their trees are not equal to full-depth trees, and these ratios have no target. Time of a forest on 2 threads, divided by its trees; ours always has ${OUR_TREES}. RMSE only where theirs has as many.`,
    ],
    table: {
      head: [
        'rows',
        'library',
        'its trees',
        'ours, a tree',
        'theirs, a tree',
        'our RMSE',
        'their RMSE',
        'RMSE, ours to theirs',
        'ours is faster',
      ],
      rows,
    },
  });
}

async function measureSize(session: Session, size: Size, name: PeerName): Promise<string[]> {
  const { ours, test, report, quick } = session;
  const title = PEER_TITLES[name];
  const peer = session.peer(name);
  const train = session.train(size);
  const trees = quick ? QUICK.trees : TREES[size];
  const samples = await interleave(`${title} ×${size}`, quick ? QUICK.rounds : ROUNDS, {
    ours: async (seed): Promise<Sample> => {
      const model = await ours.fit(train.set, { trees: OUR_TREES, featureFraction: 1, seed });
      return { seconds: model.seconds / OUR_TREES, rmse: (await model.predict(test.set)).rmse };
    },
    theirs: async (seed): Promise<Sample> => {
      const seconds = await peer.fit(train, { trees, featureFraction: 1, seed });
      return { seconds: seconds / trees, rmse: (await peer.predict(test)).rmse };
    },
  });
  await peer.forget(train);

  const time = (of: readonly Sample[]): number => median(of.map(({ seconds }) => seconds));
  const error = (of: readonly Sample[]): string => mean(of.map(({ rmse }) => rmse)).toFixed(4);
  const ratio = time(samples.theirs) / time(samples.ours);
  report.addRatio(title, `train, per tree ×${size}`, ratio);
  const times = [formatSeconds(time(samples.ours)), formatSeconds(time(samples.theirs))];
  const cells = [describeSize(size, train), title, `${trees}`, ...times, error(samples.ours)];
  if (trees !== OUR_TREES) return [...cells, '', '', formatRatio(ratio)];
  const difference = rmseDifference(samples.theirs, samples.ours);
  report.addFigure(`RMSE to ${title}, train ×${size}`, difference);
  return [...cells, error(samples.theirs), formatShare(difference), formatRatio(ratio)];
}
