import { constants } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { GrownForest, TrainingSet } from '../../activities/training/forest-engine.ts';
import { InvalidInput, ModelMismatch } from '../../domain/errors.ts';
import type { ForestParams } from '../../domain/run/pipeline-input.ts';
import { drawTrees } from './draws.ts';
import type { GrownMlTree } from './grow.ts';
import { requireRoot, type MlRandomForestJson } from './json.ts';
import { parseModelJson } from './mismatch.ts';
import { toDrawnFeatures, toOptions, type MlForestOptions } from './options.ts';
import { decodePart, type MlForestPart } from './part.ts';
import { createForestQuality } from './quality.ts';
import { fromMlTree } from './tree.ts';

/** Joins the trees to the very JSON that the package writes of a forest it grew at once; see {@link ForestEngine.assemble}. */
export async function assembleMlForest(
  parts: readonly Uint8Array[],
  set: TrainingSet,
  params: ForestParams,
): Promise<GrownForest> {
  const trees = requireWhole(
    parts.map((bytes, i) => decodePart(bytes, `part ${i} of the forest`)),
    params.trees,
  );
  const features = set.columns.length;
  const drawn = toDrawnFeatures(params.featureFraction, features);
  const bytes = toModelBytes(trees, toOptions(params, features), drawn);
  const source = { seed: params.seed, rows: set.targets.length, features, drawn };
  const statistics = createForestQuality(set, trees.length);
  let index = 0;
  for (const draws of drawTrees(source, { first: 0, count: trees.length })) {
    const where = `tree ${index} of the forest`;
    const tree = trees[index] as GrownMlTree;
    requireSameDraws(tree.features, draws.features, where);
    const root = requireRoot(parseModelJson(tree.estimator, where), where);
    statistics.add(fromMlTree(root, draws.features, where), draws.weights);
    index += 1;
    // A tree takes milliseconds, a forest seconds: heartbeats go on in between.
    await setImmediate();
  }
  return { bytes, ...statistics.result() };
}

/** The n-th tree must be the n-th: it was grown from its own bag. */
function requireWhole(parts: readonly MlForestPart[], expectedTrees: number): readonly GrownMlTree[] {
  const trees: GrownMlTree[] = [];
  for (const part of parts) {
    if (part.firstTree !== trees.length) {
      const got = `trees from ${part.firstTree} on`;
      throw new ModelMismatch({
        what: 'the parts do not make a forest',
        expected: `trees from ${trees.length} on`,
        got,
      });
    }
    trees.push(...part.trees);
  }
  if (trees.length !== expectedTrees) {
    throw new ModelMismatch({
      what: 'trees are missing',
      expected: `${expectedTrees}`,
      got: `${trees.length}`,
    });
  }
  return trees;
}

/** Another seed, other parameters or other rows draw other features: such a tree was not grown for this forest. */
function requireSameDraws(got: readonly number[], expected: readonly number[], where: string): void {
  if (got.join() === expected.join()) return;
  throw new ModelMismatch({
    what: 'a tree was grown with other parameters or from other rows',
    where,
    expected: `features ${expected.join(', ')}`,
    got: got.join(', '),
  });
}

/** Trees are copied as text: they stay what the package wrote, and a deep one would overflow the stack. */
function toModelBytes(trees: readonly GrownMlTree[], options: MlForestOptions, drawn: number): Uint8Array {
  const { replacement, maxFeatures, nEstimators, treeOptions, seed, useSampleBagging } = options;
  const indexes = trees.map(({ features }) => features);
  const shell: MlRandomForestJson & { readonly baseModel: Pick<MlForestOptions, 'treeOptions' | 'seed'> } = {
    baseModel: {
      indexes,
      n: drawn,
      replacement,
      maxFeatures,
      nEstimators,
      treeOptions,
      isClassifier: false,
      seed,
      estimators: [],
      useSampleBagging,
    },
    selectionMethod: 'mean',
    name: 'RFRegression',
  };
  const encoder = new TextEncoder();
  const [head = '', tail = ''] = JSON.stringify(shell).split('[],"useSampleBagging"');
  const comma = encoder.encode(',');
  const pieces = trees.flatMap(({ estimator }, i) => (i === 0 ? [estimator] : [comma, estimator]));
  return join([encoder.encode(`${head}[`), ...pieces, encoder.encode(`],"useSampleBagging"${tail}`)]);
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  // Loading a model parses it as one string.
  if (length > constants.MAX_STRING_LENGTH) {
    throw new InvalidInput({
      what: 'the forest is too large for JSON',
      expected: `at most ${constants.MAX_STRING_LENGTH} bytes`,
      got: `${length}`,
      hint: 'Set forest.maxDepth or forest.minLeafRows, grow fewer trees, or use the engine "histogram"',
    });
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
