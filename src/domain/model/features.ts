import { ModelMismatch } from '../errors.ts';
import { shortText } from '../text.ts';

/** What a model reads and predicts. The order of the features matters to its file only. */
export interface ModelSchema {
  readonly features: readonly string[];
  readonly target: string;
}

export interface FeatureDifference {
  readonly gone: readonly string[];
  readonly new: readonly string[];
}

/** By name, in the order of the lists. */
export function differenceOfFeatures(before: readonly string[], after: readonly string[]): FeatureDifference {
  const old = new Set(before);
  const now = new Set(after);
  return {
    gone: before.filter((feature) => !now.has(feature)),
    new: after.filter((feature) => !old.has(feature)),
  };
}

/** `gone: budget; new: oscars, votes`; empty when there is no difference. Bounded, however many features there are. */
export function describeFeatureDifference(difference: FeatureDifference): string {
  return [
    ...(difference.gone.length === 0 ? [] : [`gone: ${nameSome(difference.gone)}`]),
    ...(difference.new.length === 0 ? [] : [`new: ${nameSome(difference.new)}`]),
  ].join('; ');
}

const SHOWN_NAMES = 8;
const MAX_NAME_CHARS = 60;

/** The first names of columns in a sentence: `budget, votes and 3 more`. */
export function nameSome(columns: readonly string[]): string {
  const names = columns.slice(0, SHOWN_NAMES).map(shortName).join(', ');
  const more = columns.length - SHOWN_NAMES;
  return more > 0 ? `${names} and ${more} more` : names;
}

/** A name comes from a file. */
export function shortName(name: string): string {
  return shortText(name, MAX_NAME_CHARS);
}

/** Equal for models that can replace each other: they read the same features, in any order, and predict the same. */
export function schemaText({ features, target }: ModelSchema): string {
  return JSON.stringify({ features: [...features].sort(), target });
}

/**
 * The columns that a model reads, in the order of its features.
 *
 * @param names of the columns
 * @throws ModelMismatch when a feature is missing
 */
export function columnsFor<Column>(
  model: Pick<ModelSchema, 'features'> & {
    readonly version: string;
    readonly artifact: { readonly uri: string };
  },
  names: readonly string[],
  columns: readonly Column[],
): readonly Column[] {
  const columnOf = new Map(names.map((name, i) => [name, columns[i]]));
  const picked = model.features.map((feature) => columnOf.get(feature));
  if (picked.every((column): column is Column & {} => column !== undefined)) return picked;
  throw new ModelMismatch({
    what: `model ${model.version} cannot score these rows`,
    where: model.artifact.uri,
    expected: `its ${model.features.length} features`,
    got: `${names.length} columns; ${describeFeatureDifference(differenceOfFeatures(model.features, names))}`,
    hint: 'Score rows that have every feature of the model, or train a model on these',
  });
}
