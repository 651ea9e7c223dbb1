import { describeFile, describeKey } from '../domain/dataset/data-facts.ts';
import { describeDrift, hasDrifted } from '../domain/dataset/quality/drift.ts';
import { toProse } from '../domain/markdown.ts';
import type { Interval } from '../domain/model/bootstrap.ts';
import type { RegressionMetrics } from '../domain/model/metrics.ts';
import type { RunReport } from '../domain/run/report.ts';
import { counted } from '../domain/text.ts';
import { count, fixed, share, signed, significant } from './numbers.ts';

type Card = Pick<RunReport, 'result' | 'lineage'>;

/** A list of features may have thousands of names. */
const SHOWN_FEATURES = 100;

/**
 * The model card of a run's model in Markdown: what it was made from, how good it is, and what it is not for. It says
 * only what the report knows, so the same report gives the same card.
 */
export function modelCard(card: Card): string {
  const { model, promotion } = card.result;
  return [
    `# Model card: ${toProse(promotion.model)} ${model.version}`,
    summary(card),
    section('Data', data(card)),
    section('Features', features(card)),
    section('Metrics', metrics(card)),
    section('Feature importance', importances(card)),
    section('Champion and challenger', champion(card)),
    section('Drift', drift(card)),
    section('Limits of use', limits(card)),
    section('Lineage', lineage(card)),
  ]
    .join('\n\n')
    .concat('\n');
}

function summary({ result: { model }, lineage }: Card): string {
  const { trees, maxDepth } = lineage.input.forest;
  return (
    `A random forest of ${count(trees)} trees (engine \`${model.engine}\`, ` +
    `${maxDepth === undefined ? 'unlimited depth' : `depth at most ${maxDepth}`}) predicts ${toProse(model.target)} ` +
    `from ${counted(model.features.length, 'feature')}. It was trained on ${count(model.trainingRows)} rows ` +
    `by the run [${toProse(lineage.workflowId)}](${lineage.url}), with the data as of ${lineage.asOf}.`
  );
}

function data({ result: { dataset, rows } }: Card): string {
  return table(
    ['', ''],
    [
      ['File', describeFile({ ...dataset, rows })],
      ['SHA-256', dataset.source.sha256],
      ['Rows kept', `${count(rows.kept)} of ${count(rows.loaded)} (${share(rows.kept, rows.loaded)})`],
      ['Training split', `${count(rows.train)} rows`],
      ['Batch split', `${count(rows.batch)} rows`],
      ['Stream split', `${count(rows.stream)} rows`],
      ['Key', describeKey(dataset)],
    ],
  );
}

function features({ result: { model } }: Card): string {
  const shown = model.features.slice(0, SHOWN_FEATURES).map(toProse).join(', ');
  const more = model.features.length - SHOWN_FEATURES;
  return more > 0 ? `${shown}, and ${count(more)} more` : shown;
}

function metrics({ result }: Card): string {
  const { quality, metrics: found, rows, predicted } = result;
  const { intervals } = quality;
  const line = (label: string, of: number, { rmse, mae, r2 }: RegressionMetrics): string[] => [
    label,
    count(of),
    ...[rmse, mae, r2].map((value) => fixed(value)),
  ];
  const measured = table(
    ['Rows', 'Number', 'RMSE', 'MAE', 'R²'],
    [
      ...(quality.outOfBag
        ? [line('Training rows, out of bag', quality.outOfBag.rows, quality.outOfBag)]
        : []),
      line('Batch split', rows.batch, found.batch),
      ['95 % interval', '', ...[intervals.rmse, intervals.mae, intervals.r2].map(range)],
      ...(found.stream ? [line('Stream split', predicted, found.stream)] : []),
    ],
  );
  const grouped =
    result.dataset.keyColumn === null
      ? 'A row is known by a hash of its cells, so another version of the same film may be a training row.'
      : `Rows are grouped by ${toProse(result.dataset.keyColumn)}: all rows of a key are in the same split, so no measured row belongs to a key of the training rows.`;
  return `${measured}\n\n${grouped} The intervals come from a bootstrap over the rows of the batch split.`;
}

function importances({ result: { quality } }: Card): string {
  const impurity = new Map(quality.importances.map(({ feature, importance }) => [feature, importance]));
  const permutation = new Map(quality.permutationImportances.map((found) => [found.feature, found]));
  const names = [...new Set([...permutation.keys(), ...impurity.keys()])];
  return table(
    ['Feature', 'R² lost when shuffled', 'Share of impurity'],
    names.map((feature) => {
      const lost = permutation.get(feature);
      const part = impurity.get(feature);
      return [
        feature,
        lost ? `${fixed(lost.mean)} ± ${fixed(lost.std)}` : '',
        part === undefined ? '' : share(part, 1),
      ];
    }),
  );
}

function champion({ result: { promotion, model } }: Card): string {
  const { change, reason, champion: serves, comparison } = promotion;
  const decided = `Model ${model.version}: **${change}**: ${toProse(reason)}. Champion from then on: ${serves ?? 'no model'}.`;
  if (!comparison) return decided;
  const { champion: name, rows, challengerRmse, championRmse, difference, interval, margin } = comparison;
  const compared = table(
    ['', ''],
    [
      ['Compared with', `${name}, on the same ${count(rows)} rows`],
      ['RMSE', `${fixed(challengerRmse, 4)} against ${fixed(championRmse, 4)}`],
      [
        'Difference, 95 % interval',
        `${signed(difference, 4)}, ${signed(interval[0], 4)} to ${signed(interval[1], 4)}`,
      ],
      ['Margin', signed(margin, 4)],
    ],
  );
  return `${decided}\n\n${compared}`;
}

function drift({ result: { drift: found } }: Card): string {
  const sentence = `The rows against those of the former champion: ${toProse(describeDrift(found))}.`;
  if (found.columns.length === 0) return sentence;
  const columns = table(
    ['Column', 'PSI', 'Limit', 'Drifted', 'Mean before', 'Mean now'],
    found.columns.map((column) => [
      column.column,
      column.psi.toFixed(3),
      column.limit.toFixed(2),
      hasDrifted(column) ? 'yes' : 'no',
      significant(column.before.mean),
      significant(column.now.mean),
    ]),
  );
  return `${sentence}\n\n${columns}`;
}

function limits({ result: { model, rows } }: Card): string {
  const dropped = share(rows.dropped, rows.loaded);
  return [
    `It knows rows whose features are all numbers: ${dropped} of the rows of the file lacked one and were dropped, and how well it would predict such rows is not known.`,
    `A forest predicts means of training rows, so a prediction is never outside the range of ${toProse(model.target)} in them.`,
    'It shows what goes together in these rows, not what causes what. A prediction has no interval of its own.',
    'The metrics hold for rows like those of this dataset. When new rows drift, train again.',
  ]
    .map((text) => `- ${text}`)
    .join('\n');
}

function lineage({ result, lineage: from }: Card): string {
  const { model } = result;
  return table(
    ['', ''],
    [
      ['Workflow id', from.workflowId],
      ['Run id', from.runId],
      ['Model file', model.artifact.uri],
      ['Model SHA-256', model.artifact.sha256],
      ['Splits SHA-256', result.splitSha256],
      ['Seed', String(from.input.forest.seed)],
      ['Package', `imdb-temporal ${from.version}`],
      ['Git commit', from.commit ?? 'unknown'],
    ],
  );
}

function section(title: string, body: string): string {
  return `## ${title}\n\n${body}`;
}

/** The first column is text, the others may be anything; every cell is escaped. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(toProse).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function range([low, high]: Interval): string {
  return `${fixed(low)} to ${fixed(high)}`;
}
