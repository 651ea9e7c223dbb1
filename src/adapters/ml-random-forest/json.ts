import { decodeForest, encodeForest, type Forest } from '../../forest/forest-file.ts';
import { notThisModel, requireObject } from './mismatch.ts';
import { toFeatures } from './options.ts';
import { fromMlTree, toMlTree, type MlNode } from './tree.ts';

/** The fields that the package's `RandomForestRegression.load()` needs to predict. */
export interface MlRandomForestJson {
  readonly baseModel: {
    /** By tree: the features that it may split on. */
    readonly indexes: readonly (readonly number[])[];
    readonly n: number;
    readonly replacement: boolean;
    readonly maxFeatures: number;
    readonly nEstimators: number;
    readonly isClassifier: boolean;
    readonly estimators: readonly {
      readonly options: Readonly<Record<string, string>>;
      readonly root: MlNode;
      readonly name: 'DTRegression';
    }[];
    readonly useSampleBagging: boolean;
  };
  readonly selectionMethod: 'mean';
  readonly name: 'RFRegression';
}

const TREE_OPTIONS = { gainFunction: 'regression', splitFunction: 'mean', kind: 'regression' };

/**
 * A forest of any engine as a model of the package, with the same predictions, bit for bit. Seed and parameters of the
 * training are left out: a forest does not hold them, and predictions do not need them.
 *
 * @throws ModelMismatch when a threshold or a prediction has no JSON
 */
export function toMlRandomForestJson(forest: Forest): MlRandomForestJson {
  const { features, trees, starts, nodeCounts, values, words } = forest;
  const all = Array.from({ length: features }, (_, feature) => feature);
  const estimators = Array.from(starts, (start, i) => {
    const end = start + (nodeCounts[i] as number);
    const tree = { values: values.subarray(start * 2, end * 2), words: words.subarray(start * 4, end * 4) };
    const root = toMlTree(tree, `tree ${i}`);
    return { options: TREE_OPTIONS, root, name: 'DTRegression' as const };
  });
  return {
    baseModel: {
      indexes: estimators.map(() => all),
      n: features,
      replacement: false,
      maxFeatures: features,
      nEstimators: trees,
      isClassifier: false,
      estimators,
      useSampleBagging: true,
    },
    selectionMethod: 'mean',
    name: 'RFRegression',
  };
}

/**
 * A model of the package for our own kernel, with the same predictions, bit for bit. Importances are 0, because the
 * package stores the error after a split but not before it.
 *
 * @param where names the model in errors
 * @throws ModelMismatch
 */
export function fromMlRandomForestJson(json: unknown, where: string): Forest {
  const { name, selectionMethod, baseModel } = requireObject(json, where, 'an object');
  if (name !== 'RFRegression') throw notThisModel(where, 'name "RFRegression"', name);
  if (selectionMethod !== 'mean') throw notThisModel(where, 'selectionMethod "mean"', selectionMethod);
  const base = requireObject(baseModel, where, 'a baseModel');
  const { nEstimators, estimators, indexes } = base;
  if (!Array.isArray(estimators) || !Array.isArray(indexes) || estimators.length === 0) {
    throw notThisModel(where, 'estimators and indexes');
  }
  if (nEstimators !== estimators.length || nEstimators !== indexes.length) {
    throw notThisModel(where, `${nEstimators as number} estimators and indexes`, estimators.length);
  }
  const features = requireFeatures(base, where);
  const trees = estimators.map((estimator: unknown, i) => {
    const place = `${where}, tree ${i}`;
    const drawn = requireIndexes(indexes[i], features, place);
    return new Uint8Array(fromMlTree(requireRoot(estimator, place), drawn, place).values.buffer);
  });
  return decodeForest(where, encodeForest(features, 0, trees, new Float64Array(features)));
}

/** @throws ModelMismatch unless this is the package's JSON of a regression tree */
function requireRoot(estimator: unknown, where: string): unknown {
  const { name, root } = requireObject(estimator, where, 'an estimator');
  if (name !== 'DTRegression') throw notThisModel(where, 'name "DTRegression"', name);
  return root;
}

function requireFeatures({ n, maxFeatures }: Readonly<Record<string, unknown>>, where: string): number {
  const known =
    Number.isInteger(n) && (n as number) > 0 && typeof maxFeatures === 'number' && maxFeatures > 0;
  const features = known ? toFeatures(n as number, maxFeatures) : 0;
  if (features < 1 || !Number.isSafeInteger(features)) throw notThisModel(where, 'n and maxFeatures', n);
  return features;
}

function requireIndexes(indexes: unknown, features: number, where: string): readonly number[] {
  const known = (index: unknown) =>
    Number.isInteger(index) && (index as number) >= 0 && (index as number) < features;
  if (!Array.isArray(indexes) || !indexes.every(known)) {
    throw notThisModel(where, `indexes of ${features} features`, indexes);
  }
  return indexes as number[];
}
