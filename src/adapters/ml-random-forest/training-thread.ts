import { parentPort, workerData } from 'node:worker_threads';
import { RandomForestRegression } from 'ml-random-forest';
import type { GrownForest, TrainingSet } from '../../activities/training/forest-engine.ts';
import type { MlForestOptions } from './options.ts';
import { measureForest, type MlTree } from './quality.ts';

export interface TrainingJob {
  readonly set: TrainingSet;
  readonly options: MlForestOptions;
}

export type TrainingMessage = { readonly treesDone: number } | { readonly grown: GrownForest };

const { set, options } = workerData as TrainingJob;
const bags: Uint32Array[] = [];
const forest = new RandomForestRegression(options);
const rows = Array.from(set.targets, (_, row) => set.columns.map((column) => column[row] as number));
forest.train(rows, observedTargets(set.targets));
post({ treesDone: options.nEstimators });

const { estimators, indexes } = forest.toJSON().baseModel as unknown as {
  readonly estimators: readonly Pick<MlTree, 'root'>[];
  readonly indexes: readonly (readonly number[])[];
};
const trees = estimators.map(({ root }, i) => ({
  root,
  features: indexes[i] as readonly number[],
  bag: bags[i] as Uint32Array,
}));
post({ grown: { bytes: new TextEncoder().encode(JSON.stringify(forest)), ...measureForest(set, trees) } });

/**
 * The package does not say which rows it draws into a tree's bag. But it reads the target of each row that it draws,
 * and no other; and it draws a bag after the tree before is grown.
 */
function observedTargets(targets: Float64Array): number[] {
  let reads = 0;
  return new Proxy([...targets], {
    get(array, key): unknown {
      if (typeof key === 'string' && /^\d+$/.test(key)) {
        if (reads % targets.length === 0) startBag(targets.length);
        reads += 1;
        const bag = bags.at(-1) as Uint32Array;
        bag[Number(key)] = (bag[Number(key)] as number) + 1;
      }
      return Reflect.get(array, key);
    },
  });
}

function startBag(size: number): void {
  if (bags.length > 0) post({ treesDone: bags.length });
  bags.push(new Uint32Array(size));
}

function post(message: TrainingMessage): void {
  parentPort?.postMessage(message);
}
