import { rootMeanSquare } from '../model/metrics.ts';
import type { ModelComparison, ModelProposal, RegisteredModel } from './model-registry.ts';
import { rmseDifferenceInterval } from '../model/paired-bootstrap.ts';

export interface Challenge {
  readonly model: RegisteredModel;
  /** null when there is none yet. */
  readonly champion: RegisteredModel | null;
  /** Of the challenger, by row: predicted minus actual. */
  readonly errors: readonly number[];
  /** Of the champion on the same rows; called only when a comparison is fair. */
  readonly championErrors: (champion: RegisteredModel) => Promise<readonly number[]>;
  /** Share of the champion's RMSE. */
  readonly maxRmseIncrease: number;
  readonly seed: number;
}

/**
 * Decides whether the challenger replaces the champion, by a test of non-inferiority: yes if, with 95 % confidence, its
 * RMSE exceeds the champion's on the same rows by no more than the margin. With few rows, a plain comparison of the RMSE
 * would promote by chance.
 */
export async function judge(challenge: Challenge): Promise<ModelProposal> {
  const { model, champion, errors, championErrors, maxRmseIncrease, seed } = challenge;
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
  if (champion.schemaSha256 !== model.schemaSha256) {
    return without(
      'refuse',
      `its features or target differ from those of the champion ${champion.version}; choose another promotion.model`,
    );
  }
  if (champion.split !== model.split) {
    return without(
      'refuse',
      `the champion ${champion.version} was trained on another split (${champion.split}, not ${model.split}) and ` +
        'may have been trained on the rows of this comparison; promote by hand, or train with that split',
    );
  }
  const comparison = compare(champion.version, errors, await championErrors(champion), maxRmseIncrease, seed);
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

function compare(
  champion: string,
  errors: readonly number[],
  championErrors: readonly number[],
  maxRmseIncrease: number,
  seed: number,
): ModelComparison {
  const challengerRmse = rootMeanSquare(errors);
  const championRmse = rootMeanSquare(championErrors);
  return {
    rows: errors.length,
    champion,
    championRmse,
    challengerRmse,
    difference: challengerRmse - championRmse,
    interval: rmseDifferenceInterval(errors, championErrors, seed),
    margin: maxRmseIncrease * championRmse,
  };
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
