import { describeMetrics, type RegressionMetrics } from '../../domain/model/metrics.ts';
import type { FeatureImportance } from '../../domain/model/model.ts';
import type { PermutationImportance } from '../../domain/model/permutation-importance.ts';
import { forestStatistics, type ForestStatistics } from '../../forest/forest-statistics.ts';
import { type JsonOption, number, print, printJson, table } from '../shared/output.ts';
import { type OpenedModel, openModel } from './source.ts';
import type { StoredHeader } from './file.ts';

/** A model for people. */
export function modelTable(model: ModelDescription): string {
  const { version, engine, features, target, depth, metrics } = model;
  const rows = [
    ['model', toText(model.file)],
    ...(model.workflowId === undefined ? [] : [['run', toText(model.workflowId)]]),
    ['engine', engine],
    ['version', version],
    ['predicts', `${toText(target)} from ${number(features.length)} features`],
    ['trees', number(model.trees)],
    ['nodes', `${number(model.nodes)}, of them ${number(model.leaves)} leaves`],
    ['depth', `max ${number(depth.max)}, mean ${depth.mean.toFixed(1)}`],
    ['parameters', parameters(model)],
    ['training rows', number(model.trainingRows)],
    ['dataset sha256', toText(model.datasetSha256)],
    ['out of bag', outOfBag(model)],
    ...(metrics ? [['batch split', describeMetrics(metrics.batch)]] : []),
  ];
  return [table(rows), importances(model), ...permutationImportances(model)].join('\n');
}

/** Each parameter with its name in scikit-learn. */
function parameters({ engine, params }: ModelDescription): string {
  const { trees, maxDepth, minLeafRows, featureFraction, seed } = params;
  const isPackage = engine === 'ml-random-forest';
  return [
    `trees ${trees} (n_estimators)`,
    `maxDepth ${maxDepth ?? 'unlimited'} (max_depth)`,
    // The package guarantees no rows for a leaf: it does not split nodes of so few rows.
    `minLeafRows ${minLeafRows} (${isPackage ? 'the package’s minNumSamples' : 'min_samples_leaf'})`,
    `featureFraction ${featureFraction} (max_features${isPackage ? ', drawn once a tree' : ''})`,
    `seed ${seed} (random_state)`,
  ].join('\n');
}

function outOfBag({ outOfBag: score }: ModelDescription): string {
  if (score === null) return 'every row was in every bag';
  return `${describeMetrics(score)} on ${number(score.rows)} rows`;
}

function importances({ importances: given }: ModelDescription): string {
  return bars(
    'importance (mean decrease in impurity)',
    given.map(({ feature, importance }) => ({ feature, value: importance, text: importance.toFixed(3) })),
  );
}

function permutationImportances({ permutationImportances: given }: ModelDescription): string[] {
  if (!given) return [];
  const lines = given.map(({ feature, mean, std }) => ({
    feature,
    value: mean,
    text: `${mean.toFixed(3)} ± ${std.toFixed(3)}`,
  }));
  return [bars('permutation importance (decrease of R², batch split)', lines)];
}

const BAR_CHARS = 40;
/** More would push the rest of the table off the screen. */
const MAX_BARS = 20;

interface Bar {
  readonly feature: string;
  readonly value: number;
  readonly text: string;
}

function bars(title: string, lines: readonly Bar[]): string {
  const longest = lines.reduce((max, { value }) => Math.max(max, value), 0);
  const rows = lines.slice(0, MAX_BARS).map(({ feature, value, text }) => {
    const share = longest === 0 ? 0 : Math.max(0, value) / longest;
    return [toText(feature), text, '█'.repeat(Math.round(share * BAR_CHARS))];
  });
  const shown = table(rows, { head: ['feature', '', title], colAligns: ['left', 'right', 'left'] });
  const rest = lines.length - MAX_BARS;
  return rest > 0 ? `${shown}\n… and ${number(rest)} more: see --json` : shown;
}

/** Names come from files: characters that move the cursor are shown as spaces. */
function toText(name: string): string {
  return name.replace(/\p{Cc}/gu, ' ');
}

export async function showModel(name: string, options: JsonOption): Promise<void> {
  const model = describeModel(await openModel(name));
  print(modelTable(model), options);
  printJson(model, options);
}

/** What `imdb model show --json` prints. */
export interface ModelDescription
  extends
    ForestStatistics,
    Omit<StoredHeader, 'importances'>,
    Pick<OpenedModel, 'version' | 'sha256' | 'bytes'> {
  readonly file: string;
  readonly workflowId?: string;
  /** Most important first. */
  readonly importances: readonly FeatureImportance[];
  /** Most important first, and no more than the run's result holds. */
  readonly permutationImportances?: readonly PermutationImportance[];
  readonly metrics?: { readonly batch: RegressionMetrics };
}

export function describeModel({
  where,
  version,
  sha256,
  bytes,
  header,
  forest,
  run,
}: OpenedModel): ModelDescription {
  const { importances, ...facts } = header;
  const permutation = run?.quality.permutationImportances;
  return {
    file: where,
    ...(run && { workflowId: run.workflowId, metrics: { batch: run.metrics.batch } }),
    version,
    sha256,
    bytes,
    ...facts,
    ...forestStatistics(forest),
    importances: header.features
      .map((feature, i) => ({ feature, importance: importances[i] as number }))
      .sort((a, b) => b.importance - a.importance),
    ...(permutation && { permutationImportances: permutation }),
  };
}
