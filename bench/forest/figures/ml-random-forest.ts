import { RandomForestRegression } from 'ml-random-forest';
import { interleave } from '../../suite/interleave.ts';
import type { Session } from '../session.ts';
import { formatRatio, formatSeconds } from '../../suite/table.ts';
import { median } from '../../suite/statistics.ts';
import { atLeast } from '../../suite/target.ts';
import { ML_RANDOM_FOREST_SPEEDUP } from '../targets.ts';

/** Few, because each takes seconds. */
const THEIR_TREES = 1;
const OUR_TREES = 100;
const ROUNDS = 2;
const QUICK_ROUNDS = 1;

/** The npm package of the engine "ml-random-forest", one tree at a time. */
export async function measureMlRandomForest({ quick, ours, train, report }: Session): Promise<void> {
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  const { set } = train(1);
  const rows = Array.from(set.targets, (_, row) => set.columns.map((column) => column[row] as number));
  const targets = [...set.targets];
  const settings = { trees: OUR_TREES, featureFraction: 1 };
  const perTree = await interleave('ml-random-forest ×1', rounds, {
    ours: async (seed) => (await ours.fit(set, { ...settings, seed })).seconds / OUR_TREES,
    'ml-random-forest': async (seed) => {
      const forest = new RandomForestRegression({
        nEstimators: THEIR_TREES,
        maxFeatures: set.columns.length,
        replacement: false,
        seed,
        useSampleBagging: true,
        noOOB: true,
        treeOptions: { minNumSamples: 1 },
      });
      const start = performance.now();
      forest.train(rows, targets);
      return (performance.now() - start) / 1000 / THEIR_TREES;
    },
  });
  const theirs = median(perTree['ml-random-forest']);
  const ratio = theirs / median(perTree.ours);
  report.addRatio('ml-random-forest', 'per tree ×1', ratio);
  report.addTarget(atLeast('train, per tree ×1, vs ml-random-forest', ML_RANDOM_FOREST_SPEEDUP, ratio));
  report.addSection({
    title: 'ml-random-forest, per tree',
    notes: [
      `Full-depth trees on the ×1 rows, all features. It takes so long that a run grows ${THEIR_TREES} tree; ours is the time of ${OUR_TREES} trees on 2 threads, divided by ${OUR_TREES}. It uses one thread.`,
    ],
    table: {
      head: ['engine', 'median a tree', 'runs', 'ours is faster'],
      rows: [
        ['ours', formatSeconds(median(perTree.ours)), `${rounds}`, ''],
        ['ml-random-forest', formatSeconds(theirs), `${rounds}`, formatRatio(ratio)],
      ],
    },
  });
}
