import type { TrainingSize } from '../../activities/training/forest-engine.ts';
import { InvalidInput } from '../../domain/errors.ts';
import type { GrowthParams } from '../../domain/model/model.ts';
import { toDrawnFeatures } from './options.ts';

/** Of `startToCloseTimeout` in `workflows/activities.ts`. */
const MAX_HOURS = 12;
/** Measured on 3,040 rows × 15 features: 2.3 s a tree, growing with rows² because every candidate split copies the node. */
const SECONDS_PER_SQUARE = 2.3 / (3040 ** 2 * 15);
/** The longest string of V8: the package's JSON is one. */
const MAX_JSON_BYTES = 2 ** 29 - 24;
/** Measured: 0.42 MB for a tree of 1,920 leaves. */
const LEAF_JSON_BYTES = 220;
/** Share of distinct rows in a bag. */
const BAG_SHARE = 0.64;

/** @throws InvalidInput when the package needs too long, or its JSON would not fit into a string */
export function requireRoom({ rows, features }: TrainingSize, params: GrowthParams): void {
  const { trees, featureFraction, maxDepth = Infinity } = params;
  const secondsPerSquare = trees * SECONDS_PER_SQUARE * toDrawnFeatures(featureFraction, features);
  const hours = (secondsPerSquare * rows ** 2) / 3600;
  const size = `${rows.toLocaleString('en')} rows × ${features} features, ${trees} trees`;
  if (hours > MAX_HOURS) {
    throw tooLarge({
      expected: `at most ${MAX_HOURS} hours`,
      got: `about ${Math.ceil(hours).toLocaleString('en')} hours: ${size}`,
      rows: Math.sqrt((MAX_HOURS * 3600) / secondsPerSquare),
    });
  }
  const leaves = Math.min(rows * BAG_SHARE, 2 ** maxDepth);
  const bytes = trees * leaves * LEAF_JSON_BYTES;
  if (bytes > MAX_JSON_BYTES) {
    throw tooLarge({
      expected: 'a model of at most 0.5 GB of JSON',
      got: `up to ${(bytes / 1e9).toFixed(1)} GB: ${size}`,
      rows: MAX_JSON_BYTES / (trees * BAG_SHARE * LEAF_JSON_BYTES),
    });
  }
}

function tooLarge(facts: {
  readonly expected: string;
  readonly got: string;
  readonly rows: number;
}): InvalidInput {
  const { expected, got, rows } = facts;
  const fitting = `forest.maxRows ${Math.floor(rows / 100) * 100}`;
  const hint = `Use the engine "histogram", or set ${rows >= 200 ? `${fitting}, or ` : ''}fewer forest.trees`;
  return new InvalidInput({
    what: 'the training is too large for the engine ml-random-forest',
    expected,
    got,
    hint,
  });
}
