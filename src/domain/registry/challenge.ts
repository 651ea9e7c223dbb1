import { rootMeanSquare } from '../model/metrics.ts';
import type { ModelSchema } from '../model/features.ts';
import { rmseDifferenceInterval } from '../model/paired-bootstrap.ts';
import { findObstacles } from './fairness.ts';
import type { ModelComparison, ModelProposal, RegisteredModel } from './model-registry.ts';

/** By row: predicted minus actual. */
type Errors = Float64Array | readonly number[];

export interface Challenge {
  readonly model: RegisteredModel;
  readonly schema: ModelSchema;
  /** null when there is none yet. */
  readonly champion: RegisteredModel | null;
  /** Of the challenger. */
  readonly errors: Errors;
  readonly openChampion: (champion: RegisteredModel) => Promise<OpenedChampion>;
  /** Columns that could identify a row, when none does. */
  readonly keyCandidates: readonly string[];
  /** Share of the champion's RMSE. */
  readonly maxRmseIncrease: number;
  readonly seed: number;
  /** See `rmseDifferenceInterval`. */
  readonly pause: () => Promise<void>;
}

export interface OpenedChampion {
  readonly schema: ModelSchema;
  /** On the rows of the challenger; called only when a comparison is fair. */
  readonly errors: () => Promise<Errors>;
}

/**
 * Decides whether the challenger replaces the champion, by a test of non-inferiority: yes if, with 95 % confidence, its
 * RMSE exceeds the champion's on the same rows by no more than the margin. With few rows, a plain comparison of the RMSE
 * would promote by chance.
 */
export async function judge(challenge: Challenge): Promise<ModelProposal> {
  const { model, schema, champion, errors, openChampion, keyCandidates } = challenge;
  const against = champion?.version ?? null;
  const without = (verdict: ModelProposal['verdict'], reason: string): ModelProposal => ({
    model,
    verdict,
    reason,
    against,
    comparison: null,
  });
  if (champion === null) return without('promote', 'the first model of this name');
  if (champion.version === model.version) {
    return without('unchanged', 'it is the champion already, byte for byte');
  }
  const opened = await openChampion(champion);
  const obstacles = findObstacles(
    { version: champion.version, split: champion.split, schema: opened.schema },
    { split: model.split, schema, keyCandidates },
  );
  if (obstacles.length > 0) return without('refuse', obstacles.join('; '));
  const comparison = await compare(champion.version, errors, await opened.errors(), challenge);
  const { difference, interval, margin } = comparison;
  const isNotWorse = interval[1] <= margin;
  return {
    model,
    against,
    comparison,
    verdict: isNotWorse ? 'promote' : 'keep',
    reason:
      `RMSE ${signed(difference)} against the champion ${champion.version} on ${comparison.rows} rows, ` +
      `95 % interval ${signed(interval[0])} to ${signed(interval[1])}: ` +
      `${isNotWorse ? 'within' : 'not within'} the margin of ${signed(margin)} at 95 %`,
  };
}

async function compare(
  champion: string,
  errors: Errors,
  championErrors: Errors,
  { maxRmseIncrease, seed, pause }: Challenge,
): Promise<ModelComparison> {
  const challengerRmse = rootMeanSquare(errors);
  const championRmse = rootMeanSquare(championErrors);
  return {
    rows: errors.length,
    champion,
    championRmse,
    challengerRmse,
    difference: challengerRmse - championRmse,
    interval: await rmseDifferenceInterval(errors, championErrors, seed, pause),
    margin: maxRmseIncrease * championRmse,
  };
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
