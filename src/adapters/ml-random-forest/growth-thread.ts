import { parentPort, workerData } from 'node:worker_threads';
import { RandomForestRegression } from 'ml-random-forest';
import { drawTrees } from './draws.ts';
import type { GrownMlTree, MlTreesJob } from './grow.ts';

const { columns, targets, options, drawn, trees } = workerData as MlTreesJob;
const rows = targets.map((_, row) => columns.map((column) => column[row] as number));
const source = { seed: options.seed, rows: targets.length, features: columns.length, drawn };

for (const { seed } of drawTrees(source, trees)) {
  const forest = new RandomForestRegression({ ...options, nEstimators: 1, seed });
  forest.train(rows, [...targets]);
  const { indexes, estimators } = forest.toJSON().baseModel;
  const grown: GrownMlTree = {
    features: indexes[0] as number[],
    // Here and not in the main thread: a deep tree needs a deep stack, and a large one needs time.
    estimator: new TextEncoder().encode(JSON.stringify(estimators[0])),
  };
  parentPort?.postMessage(grown);
}
