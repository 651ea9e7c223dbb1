import { JITTER } from '../../data/dataset.ts';
import { interleave, type Turn } from '../../suite/interleave.ts';
import { rmseDifference, SAMPLE_HEAD, speedup, type Sample } from '../../suite/table.ts';
import { atLeast, withinShare } from '../../suite/target.ts';
import { addComparison, comparisonRow, peersThatWork } from '../compare.ts';
import type { FitSettings } from '../peer-process.ts';
import { describeSize, PEER_TITLES, type PeerName, type Session } from '../session.ts';
import { BEST_TRAINING_SPEEDUP, TRAINING_RMSE_TOLERANCE, TRAINING_SPEEDUP, type Size } from '../targets.ts';

const TREES = 100;
/** Beyond ×1 only the reference, which takes long enough. */
const PEERS: Readonly<Record<Size, readonly PeerName[]>> = {
  1: ['sklearn', 'intelex', 'intelex-fine', 'ydf'],
  10: ['sklearn'],
  100: ['sklearn'],
};

/** Full-depth trees, against libraries that grow the same. */
export async function measureTraining(session: Session): Promise<void> {
  const rows: string[][] = [];
  for (const size of session.sizes) rows.push(...(await measureSize(session, size)));
  session.report.addSection({
    title: `Training ${TREES} full-depth trees`,
    notes: [
      `All features at every split, one row a leaf, 2 threads, each run with another seed (of the bags; all engines the same rows). Rows beyond ×1 are drawn with replacement from the ×1 rows, every value times 1 ± ${JITTER * 100} % of uniform noise. RMSE: mean over the runs, on the same held-out rows. "With out-of-bag" adds the joining of the parts and the out-of-bag predictions, which no peer was asked for. scikit-learn-intelex bins the values once a forest; YDF and scikit-learn try every threshold.`,
    ],
    table: { head: ['rows', 'engine', ...SAMPLE_HEAD, 'RMSE, ours to theirs', 'ours is faster'], rows },
  });
}

async function measureSize(session: Session, size: Size): Promise<string[][]> {
  const { ours, test, report } = session;
  const train = session.train(size);
  const settings = (seed: number): FitSettings => ({ trees: TREES, featureFraction: 1, seed });
  const warmUp = (name: PeerName) => session.peer(name).fit(session.train(1), settings(0));
  const peers = await peersThatWork(report, PEERS[size], warmUp);

  const withOutOfBag: Sample[] = [];
  const engines: Record<string, Turn<Sample>> = {
    ours: async (seed) => {
      const model = await ours.fit(train.set, settings(seed));
      const { rmse } = await model.predict(test.set);
      withOutOfBag.push({ seconds: model.seconds + (await model.assemble()), rmse });
      return { seconds: model.seconds, rmse };
    },
  };
  for (const name of peers) {
    const peer = session.peer(name);
    engines[PEER_TITLES[name]] = async (seed) => {
      const seconds = await peer.fit(train, settings(seed));
      return { seconds, rmse: (await peer.predict(test)).rmse };
    };
  }
  const { ours: own = [], ...theirs } = await interleave(`train ×${size}`, session.roundsAt(size), engines);
  for (const name of peers) await session.peer(name).forget(train);

  const figure = `train ${TREES} full-depth trees ×${size}`;
  if (size === 1) addComparison(report, figure, { ours: own, theirs, factor: BEST_TRAINING_SPEEDUP });
  const reference = theirs[PEER_TITLES.sklearn];
  if (reference) addTargets(session, size, reference, own);
  const label = describeSize(size, train);
  const all = [
    ['ours', own] as const,
    ['ours, with out-of-bag', withOutOfBag] as const,
    ...Object.entries(theirs),
  ];
  return all.map(([name, samples]) => [
    label,
    ...comparisonRow(name, samples, name.startsWith('ours') ? samples : own),
  ]);
}

function addTargets(
  { report }: Session,
  size: Size,
  theirs: readonly Sample[],
  own: readonly Sample[],
): void {
  const [ratio, difference] = [speedup(theirs, own), rmseDifference(theirs, own)];
  const versus = `${TREES} full-depth trees ×${size} vs scikit-learn`;
  report.addRatio('scikit-learn', `train ×${size}`, ratio);
  report.addFigure(`RMSE to scikit-learn, train ×${size}`, difference);
  report.addTarget(atLeast(`train ${versus}`, TRAINING_SPEEDUP[size], ratio));
  const tolerance = TRAINING_RMSE_TOLERANCE[size];
  if (tolerance !== undefined) report.addTarget(withinShare(`RMSE of ${versus}`, tolerance, difference));
}
