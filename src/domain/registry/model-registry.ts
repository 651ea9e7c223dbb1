import type { ArtifactRef } from '../artifact.ts';

/** A model in the registry: what is needed to score with it and to compare it with a challenger. */
export interface RegisteredModel {
  /** First 12 digits of the artifact's sha256. */
  readonly version: string;
  readonly artifact: ArtifactRef;
  /** How the rows of its dataset are distributed; a later run's are compared with them. */
  readonly profile: ArtifactRef;
  /** Of the features, in any order, and the target: the same for all models of one name, so that one can replace another. */
  readonly schemaSha256: string;
  readonly split: ModelSplit;
  /** The run that trained it, see `runName`. */
  readonly run: string;
  /** On the batch split of its own run, in units of the target. */
  readonly rmse: number;
}

/** How a model's rows were split: with another split it may have been trained on the rows that it is compared on. */
export interface ModelSplit {
  /** See {@link describeSplit}. */
  readonly rule: string;
  /** See `SplitDatasetResult`: equal for the same rows in the same splits. */
  readonly sha256: string;
  /** Share of the rows that only a hash of their cells identifies: without a key column, 1. */
  readonly keyless: number;
}

/** The errors of two models on the same rows. Errors in units of the target. */
export interface ModelComparison {
  readonly rows: number;
  readonly champion: string;
  readonly championRmse: number;
  readonly challengerRmse: number;
  /** Challenger's RMSE minus the champion's. */
  readonly difference: number;
  /** 95 % interval of the difference, by paired bootstrap over the rows. */
  readonly interval: readonly [low: number, high: number];
  /** The upper end may be this much: `promotion.maxRmseIncrease` of the champion's RMSE. */
  readonly margin: number;
}

/** A run's verdict on its own model. `unchanged`: it is the champion already, byte for byte. */
export type Verdict = 'promote' | 'keep' | 'refuse' | 'unchanged' | 'reject';

export interface ModelProposal {
  readonly model: RegisteredModel;
  readonly verdict: Verdict;
  /** One sentence with numbers. */
  readonly reason: string;
  /** The champion that it was compared with; null when there was none. */
  readonly against: string | null;
  readonly comparison: ModelComparison | null;
  /** An operator approved it, so it may also be a version that was rolled back. */
  readonly isApproved?: boolean;
  /** People want to know when there is no new champion for so long. */
  readonly overdueHours?: number;
}

export type RegistryChange =
  'promoted' | 'kept' | 'refused' | 'unchanged' | 'rejected' | 'promoted by hand' | 'rolled back';

/** What happened to one model: the registry's history, oldest first. */
export interface RegistryEntry {
  /** Counts all entries there ever were, from 1. */
  readonly number: number;
  readonly at: string;
  readonly change: RegistryChange;
  readonly model: RegisteredModel;
  readonly reason: string;
  /** Version of the champion from then on; null before the first promotion. */
  readonly champion: string | null;
  readonly interval?: readonly [low: number, high: number];
}

/** Answer of the updates `promote` and `rollback`. */
export interface RegistryAnswer extends RegistryEntry {
  /** For the operator: what was done, and what to do next. */
  readonly answer: string;
}

/** `stale`: another model has become champion since the comparison; nothing was recorded. */
export type ProposalOutcome =
  | { readonly kind: 'recorded'; readonly entry: RegistryEntry }
  | { readonly kind: 'stale'; readonly champion: string | null };

/** Where a registry's memo has the {@link Champion}, if there is one: it can be read without a worker. */
export const CHAMPION_MEMO = 'champion';

/** Also the answer of the registry's query `champion`. */
export interface Champion {
  readonly model: RegisteredModel;
  readonly since: string;
}

export interface RegistryState {
  readonly champion: Champion | null;
  /** All there were, also those that are no longer kept. */
  readonly total: number;
  readonly entries: readonly RegistryEntry[];
}

/** What promotion did with the run's model, in the run's result. */
export interface PromotionResult {
  readonly model: string;
  readonly change: RegistryChange;
  readonly reason: string;
  /** Version of the champion from now on. */
  readonly champion: string | null;
  readonly comparison: ModelComparison | null;
}

/** `seed 42, 0.8/0.1/0.1, by movie_imdb_link`: equal for runs that put the same film into the same split. */
export function describeSplit(
  split: { readonly seed: number; readonly train: number; readonly batch: number; readonly stream: number },
  keyColumn: string | null,
): string {
  return `seed ${split.seed}, ${split.train}/${split.batch}/${split.stream}, by ${keyColumn ?? 'hash of the row'}`;
}
