import { parentPort, workerData } from 'node:worker_threads';
import { RandomForestRegression } from 'ml-random-forest';
import type { MlForestThreadData } from './ml-random-forest.ts';

const { columns, targets, options } = workerData as MlForestThreadData;
const rows = targets.map((_, row) => columns.map((column) => column[row] as number));
const forest = new RandomForestRegression(options);
forest.train(rows, [...targets]);
parentPort?.postMessage(new TextEncoder().encode(JSON.stringify(forest)));
