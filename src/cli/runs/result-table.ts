import Table from 'cli-table3';
import { describeMetrics } from '../../domain/model/metrics.ts';
import type { FeatureImportance, OutOfBagScore } from '../../domain/model/model.ts';
import type { SamplePrediction } from '../../domain/run/report.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';

const number = new Intl.NumberFormat('en-US');
/** A line between all rows is more frame than content. */
const COMPACT = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } as const;

/** The result of a run for people. */
export function resultTable(result: PipelineResult): string {
  const { rows, published, consumed, predicted, deadLettered, metrics, model, dataset, quality } = result;
  const table = new Table({ chars: COMPACT, style: { head: [], border: [] } });
  const gaps = dataset.gaps
    .slice(0, 4)
    .map(({ column, missing, notNumeric }) => `${column} ${number.format(missing + notNumeric)}`);
  table.push(
    ['dataset', `${dataset.source.path}: ${number.format(rows.loaded)} rows`],
    ['rows dropped', number.format(rows.dropped) + (gaps.length > 0 ? ` (gaps: ${gaps.join(', ')})` : '')],
    ['rows kept', number.format(rows.kept)],
    ['splits', counts({ train: rows.train, batch: rows.batch, stream: rows.stream })],
    ['published', counts(published)],
    ['read back', counts(consumed)],
    [
      'predicted',
      `${number.format(predicted)} in ${number.format(result.batches)} micro-batches, ${number.format(deadLettered)} dead-lettered`,
    ],
    ['model', `${model.version} (${model.engine}), ${model.features.length} features`],
    ['out of bag', outOfBag(quality.outOfBag)],
    ['batch split', describeMetrics(metrics.batch)],
    ['stream split', metrics.stream ? describeMetrics(metrics.stream) : 'no known ratings'],
    ['champion', champion(result)],
    ['goes by', percentages(quality.importances)],
  );
  return table.toString();
}

export function sampleTable(samples: readonly SamplePrediction[]): string {
  const table = new Table({
    chars: COMPACT,
    head: ['title', 'actual', 'predicted'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { title, actual, predicted } of samples) {
    table.push([title, actual === null ? '' : actual.toFixed(1), predicted.toFixed(1)]);
  }
  return table.toString();
}

function outOfBag(score: OutOfBagScore | null): string {
  if (!score) return 'every row was in every bag';
  return `${describeMetrics(score)} on ${number.format(score.rows)} rows`;
}

function champion({ promotion }: PipelineResult): string {
  const { model, change, reason, champion: serving } = promotion;
  return `${model}: ${serving ?? 'none'}; this model was ${change}\n${reason}`;
}

/** The first features and their share of all that the trees' splits explain. */
function percentages(importances: readonly FeatureImportance[]): string {
  return importances
    .slice(0, 4)
    .map(({ feature, importance }) => `${feature} ${Math.round(importance * 100)} %`)
    .join(', ');
}

function counts(parts: Readonly<Record<string, number>>): string {
  return Object.entries(parts)
    .map(([name, count]) => `${name} ${number.format(count)}`)
    .join(', ');
}
