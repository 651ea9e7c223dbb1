import type { TrainingSet } from '../../src/activities/training/forest-engine.ts';
import { resample, split, type Dataset } from '../data/dataset.ts';
import { createOurForest, type OurForest } from './our-forest.ts';
import { PeerError } from '../setup/peer-process.ts';
import { startPeer, type Peer } from './peer-process.ts';
import { writeRawFiles, type RawFiles } from '../data/raw-file.ts';
import type { Results } from '../suite/results.ts';
import type { Size } from './targets.ts';

/** The script of `peers/` and its arguments. */
const PEERS = {
  sklearn: ['sklearn'],
  intelex: ['intelex', '256'],
  'intelex-fine': ['intelex', '4096'],
  ydf: ['ydf'],
  xgboost: ['xgboost'],
  onnxruntime: ['onnxruntime'],
  treelite: ['treelite'],
  lightgbm: ['lightgbm'],
  spark: ['spark'],
} as const;
export type PeerName = keyof typeof PEERS;

/** As a report shows it. */
export const PEER_TITLES: Readonly<Record<PeerName, string>> = {
  sklearn: 'scikit-learn',
  intelex: 'scikit-learn-intelex, 256 bins',
  'intelex-fine': 'scikit-learn-intelex, 4,096 bins',
  ydf: 'YDF',
  xgboost: 'XGBoost',
  onnxruntime: 'ONNX Runtime',
  treelite: 'treelite',
  lightgbm: 'LightGBM',
  spark: 'Spark',
};

/** The same rows in memory, for our engine, and on disk, for the peers. */
export interface Rows extends RawFiles {
  readonly set: TrainingSet;
}

export interface Plan {
  readonly quick: boolean;
  readonly sizes: readonly Size[];
  /** At ×1; larger sizes get fewer. */
  readonly repeats: number;
}

/** Shared by the figures: rows, engines, results. */
export interface Session extends Plan {
  readonly report: Results;
  readonly ours: OurForest;
  /** All rows of the data set. */
  readonly all: TrainingSet;
  readonly test: Rows;
  /** The training rows, resampled to a multiple of their number. */
  readonly train: (size: Size) => Rows;
  readonly roundsAt: (size: Size) => number;
  readonly store: (name: string, set: TrainingSet) => Rows;
  /** Starts the peer unless it runs already. */
  readonly peer: (name: PeerName) => Peer;
  /** Starts another process of the peer, which the caller closes. */
  readonly freshPeer: (name: PeerName) => Peer;
  close(): Promise<void>;
}

interface SessionContext {
  readonly dataset: Dataset;
  /** Interpreters; without Spark's, only its figure fails. */
  readonly python: { readonly forest: string; readonly spark: string | undefined };
  /** For the rows on disk. */
  readonly directory: string;
  readonly report: Results;
}

export function createSession(plan: Plan, { dataset, python, directory, report }: SessionContext): Session {
  const peers = new Map<PeerName, Peer>();
  const enlarged = new Map<Size, Rows>();
  const ours = createOurForest();
  const halves = split(dataset.rows);
  const store = (name: string, set: TrainingSet): Rows => ({ ...writeRawFiles(directory, name, set), set });
  const freshPeer = (name: PeerName): Peer => {
    const interpreter = name === 'spark' ? python.spark : python.forest;
    if (interpreter === undefined) throw new PeerError(`${name} is not installed`);
    const [script, ...args] = PEERS[name];
    return startPeer(interpreter, script, [directory, ...args]);
  };

  return {
    ...plan,
    report,
    ours,
    all: dataset.rows,
    test: store('test', halves.test),
    train(size) {
      const rows = halves.train.targets.length * size;
      const known =
        enlarged.get(size) ??
        store(`train-${size}`, size === 1 ? halves.train : resample(halves.train, rows));
      enlarged.set(size, known);
      return known;
    },
    roundsAt: (size) => (size === 1 ? plan.repeats : size === 10 ? Math.ceil(plan.repeats / 2) : 1),
    store,
    peer(name) {
      const running = peers.get(name) ?? freshPeer(name);
      peers.set(name, running);
      return running;
    },
    freshPeer,
    async close() {
      await Promise.all([ours.close(), ...[...peers.values()].map((peer) => peer.close())]);
    },
  };
}

/** "×10 (30,400 rows)" */
export function describeSize(size: Size, { set }: Rows): string {
  return `×${size} (${set.targets.length.toLocaleString('en')} rows)`;
}
