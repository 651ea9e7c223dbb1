import { describeFeatureDifference, differenceOfFeatures, nameSome, shortName } from '../model/features.ts';
import type { ModelSchema } from '../model/features.ts';
import type { ModelSplit } from './model-registry.ts';

interface Compared {
  readonly split: ModelSplit;
  readonly schema: ModelSchema;
}

/**
 * A film without a key may have been a training row of the champion, which then knows its rating. One film in a hundred
 * lowers an RMSE by half a percent at most, a quarter of the default margin.
 */
const MAX_KEYLESS = 0.01;

/**
 * Why a champion cannot be compared with a model on the batch split of that model's run; none when it is fair. Either
 * model must take the rows of the other, and the champion must not have been trained on the rows of the comparison.
 */
export function findObstacles(
  champion: Compared & { readonly version: string },
  challenger: Compared & { readonly keyCandidates: readonly string[] },
): readonly string[] {
  return [
    ...schemaObstacles(champion.version, champion.schema, challenger.schema),
    ...splitObstacles(champion.version, champion.split, challenger.split, challenger.keyCandidates),
  ];
}

function schemaObstacles(version: string, champion: ModelSchema, challenger: ModelSchema): string[] {
  const difference = describeFeatureDifference(differenceOfFeatures(champion.features, challenger.features));
  return [
    ...(champion.target === challenger.target
      ? []
      : [
          `it predicts "${shortName(challenger.target)}", and the champion ${version} predicts ` +
            `"${shortName(champion.target)}": choose another promotion.model`,
        ]),
    ...(difference === ''
      ? []
      : [
          `its features differ from those of the champion ${version} (${difference}): ` +
            'name the champion’s features in dataset.features, or choose another promotion.model',
        ]),
  ];
}

function splitObstacles(
  version: string,
  champion: ModelSplit,
  challenger: ModelSplit,
  keyCandidates: readonly string[],
): string[] {
  if (champion.sha256 === challenger.sha256) return [];
  if (champion.rule !== challenger.rule) {
    return [
      `the champion ${version} was trained on another split (${champion.rule}, not ${challenger.rule}) and may have ` +
        'been trained on the rows of this comparison: train with that split, or promote by hand',
    ];
  }
  const keyless = Math.max(champion.keyless, challenger.keyless);
  if (keyless <= MAX_KEYLESS) return [];
  const why =
    keyless === 1
      ? 'no column identifies a film, and the dataset is another one than the champion’s'
      : `${(100 * keyless).toFixed(1)} % of the rows have no key, and the dataset is another one than the champion’s`;
  return [
    `${why}, so the champion ${version} may have been trained on the rows of this comparison: ` +
      (keyCandidates.length > 0
        ? `set dataset.key to one of the columns whose cells are all filled and different (${nameSome(keyCandidates)}), `
        : 'set dataset.key to a column that identifies a film in every row, ') +
      'and promote the first model trained with it by hand',
  ];
}
