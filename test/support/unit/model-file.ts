import { encodeModel, type ModelHeader } from '../../../src/domain/model/model.ts';
import type { ForestParams } from '../../../src/domain/run/pipeline-input.ts';
import { encodeForest, NODE_BYTES } from '../../../src/forest/forest-file.ts';
import { forestParams } from './forest.ts';

/** `[threshold, right child, feature]`, or a leaf's prediction. */
export type HandMadeNode = readonly [threshold: number, right: number, feature: number] | number;

/** A forest of trees in preorder. */
export function forestBytesOf(features: number, ...trees: (readonly HandMadeNode[])[]): Uint8Array {
  return encodeForest(features, 0, trees.map(toBytes), new Float64Array(features));
}

function toBytes(nodes: readonly HandMadeNode[]): Uint8Array {
  const bytes = new Uint8Array(nodes.length * NODE_BYTES);
  const view = new DataView(bytes.buffer);
  nodes.forEach((node, i) => {
    const [value, right, feature] = typeof node === 'number' ? [node, 0, 0] : node;
    view.setFloat64(i * NODE_BYTES, value, true);
    view.setUint32(i * NODE_BYTES + 8, right, true);
    view.setUint32(i * NODE_BYTES + 12, feature, true);
  });
  return bytes;
}

/** Two trees over budget and duration. */
const TREES: readonly (readonly HandMadeNode[])[] = [[[100, 4, 0], [90, 3, 1], 5, 6, 7], [6.5]];

export function modelHeader(change: Partial<ModelHeader> = {}): ModelHeader {
  const { shards: _shards, ...params }: ForestParams = forestParams({ trees: TREES.length });
  return {
    schema: 1,
    engine: 'histogram',
    params,
    features: ['budget', 'duration'],
    target: 'imdb_score',
    trainingRows: 1234,
    datasetSha256: 'ab'.repeat(32),
    outOfBag: { rows: 1200, rmse: 0.75, mae: 0.5, r2: 0.4 },
    importances: [0.25, 0.75],
    ...change,
  };
}

/** A small model of the histogram engine, as trainForest would store it. */
export function modelBytes(change: Partial<ModelHeader> = {}): Uint8Array {
  return encodeModel(modelHeader(change), forestBytesOf(2, ...TREES));
}
