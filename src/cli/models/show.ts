import Table from 'cli-table3';
import { describeMetrics, type RegressionMetrics } from '../../domain/model/metrics.ts';
import type { FeatureImportance } from '../../domain/model/model.ts';
import type { PermutationImportance } from '../../domain/model/permutation-importance.ts';
import { forestStatistics, type ForestStatistics } from '../../forest/forest-statistics.ts';
import { type OpenedModel, openModel } from './source.ts';
import type { StoredHeader } from './file.ts';

const number = new Intl.NumberFormat('en-US');
/** A line between all rows is more frame than content. */
const COMPACT = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } as const;
const NOT_RECORDED = 'not recorded';

/** A model for people. */
export function modelTable(model: ModelDescription): string {
  const { version, engine, features, target, depth, metrics } = model;
  const table = new Table({ chars: COMPACT, style: { head: [], border: [] } });
  table.push(
    ['model', toText(model.file)],
    ...(model.workflowId === undefined ? [] : [['run', toText(model.workflowId)]]),
    ['engine', engine],
    ['version', version],
    ['predicts', `${toText(target)} from ${number.format(features.length)} features`],
    ['trees', number.format(model.trees)],
    ['nodes', `${number.format(model.nodes)}, of them ${number.format(model.leaves)} leaves`],
    ['depth', `max ${number.format(depth.max)}, mean ${depth.mean.toFixed(1)}`],
    ['parameters', parameters(model)],
    ['training rows', number.format(model.trainingRows)],
    ['dataset sha256', toText(model.datasetSha256)],
    ['out of bag', outOfBag(model)],
    ...(metrics ? [['batch split', describeMetrics(metrics.batch)]] : []),
  );
  return [table.toString(), importances(model), ...permutationImportances(model)].join('\n');
}

/** Each with the name that scikit-learn gives it. */
function parameters({ engine, params }: ModelDescription): string {
  const { trees, maxDepth, minLeafRows, featureFraction, seed } = params;
  const isPackage = engine === 'ml-random-forest';
  return [
    `trees ${trees} (n_estimators)`,
    `maxDepth ${maxDepth ?? 'unlimited'} (max_depth)`,
    // The package does not promise rows to leaves: it stops splitting nodes of so few.
    `minLeafRows ${minLeafRows} (${isPackage ? 'the package’s minNumSamples' : 'min_samples_leaf'})`,
    `featureFraction ${featureFraction} (max_features${isPackage ? ', drawn once a tree' : ''})`,
    `seed ${seed} (random_state)`,
  ].join('\n');
}

function outOfBag({ outOfBag: score }: ModelDescription): string {
  if (score === undefined) return NOT_RECORDED;
  if (score === null) return 'every row was in every bag';
  return `${describeMetrics(score)} on ${number.format(score.rows)} rows`;
}

function importances({ importances: given }: ModelDescription): string {
  const title = 'importance (mean decrease in impurity)';
  if (!given) return `${title}: ${NOT_RECORDED}`;
  return bars(
    title,
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
  const table = new Table({
    chars: COMPACT,
    head: ['feature', '', title],
    colAligns: ['left', 'right', 'left'],
    style: { head: [], border: [] },
  });
  const longest = lines.reduce((max, { value }) => Math.max(max, value), 0);
  for (const { feature, value, text } of lines.slice(0, MAX_BARS)) {
    const share = longest === 0 ? 0 : Math.max(0, value) / longest;
    table.push([toText(feature), text, '█'.repeat(Math.round(share * BAR_CHARS))]);
  }
  const rest = lines.length - MAX_BARS;
  return rest > 0 ? `${table.toString()}\nand ${number.format(rest)} more: see --json` : table.toString();
}

/** Names come from files: what would move the cursor is shown as a space. */
function toText(name: string): string {
  return name.replace(/\p{Cc}/gu, ' ');
}

export async function showModel(name: string, options: { readonly json?: true }): Promise<void> {
  const model = describeModel(await openModel(name));
  const out = options.json ? process.stderr : process.stdout;
  out.write(`${modelTable(model)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(model)}\n`);
}

/** All that `imdb model show` says. What was not recorded is absent. */
export interface ModelDescription
  extends
    ForestStatistics,
    Omit<StoredHeader, 'importances'>,
    Pick<OpenedModel, 'version' | 'sha256' | 'bytes'> {
  readonly file: string;
  readonly workflowId?: string;
  /** Most important first. */
  readonly importances?: readonly FeatureImportance[];
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
    ...(importances && {
      importances: header.features
        .map((feature, i) => ({ feature, importance: importances[i] as number }))
        .sort((a, b) => b.importance - a.importance),
    }),
    ...(permutation && { permutationImportances: permutation }),
  };
}
