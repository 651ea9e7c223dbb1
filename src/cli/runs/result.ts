import { describeData } from '../../domain/dataset/data-facts.ts';
import { describeDrift } from '../../domain/dataset/quality/drift.ts';
import { describeMetrics } from '../../domain/model/metrics.ts';
import type { FeatureImportance, OutOfBagScore } from '../../domain/model/model.ts';
import type { SamplePrediction } from '../../domain/run/report.ts';
import type { MlflowResult, PipelineResult } from '../../domain/run/step-results.ts';
import { shortText } from '../../domain/text.ts';
import { number, table } from '../shared/output.ts';
import { wrapText } from '../shared/text.ts';

const SHOWN_FEATURES = 4;
/** Reasons are sentences; a wider table would break on most screens. */
const MAX_WIDTH = 100;
const MAX_TITLE_CHARS = 60;

/** The result of a run for people. */
export function resultTable(result: PipelineResult): string {
  const { rows, published, consumed, predicted, deadLettered, metrics, model, dataset, quality } = result;
  const facts = [
    ...describeData({ ...dataset, rows }).map(({ label, lines }) => [label, lines.join('\n')]),
    ['rows kept', number(rows.kept)],
    ['drift', describeDrift(result.drift)],
    ['splits', counts({ train: rows.train, batch: rows.batch, stream: rows.stream })],
    ['published', counts(published)],
    ['read back', counts(consumed)],
    [
      'predicted',
      `${number(predicted)} in ${number(result.batches)} micro-batches, ${number(deadLettered)} dead-lettered`,
    ],
    ['model', `${model.version} (${model.engine}), ${model.features.length} features`],
    ['out of bag', outOfBag(quality.outOfBag)],
    ['batch split', describeMetrics(metrics.batch)],
    ['stream split', metrics.stream ? describeMetrics(metrics.stream) : 'no known ratings'],
    ['champion', champion(result)],
    ...(result.mlflow ? [['MLflow', inMlflow(result.mlflow)]] : []),
    ['feature importance', percentages(quality.importances)],
  ];
  return table(facts.map(([label = '', text = '']) => [label, wrapText(text, MAX_WIDTH)]));
}

/** What scripts read: the result, with the hash of the model where they look for it. */
export function resultJson(workflowId: string, result: PipelineResult, uiUrl: string): object {
  const model = { ...result.model, sha256: result.model.artifact.sha256 };
  return { workflowId, ...result, model, uiUrl };
}

export function sampleTable(samples: readonly SamplePrediction[]): string {
  const rows = samples.map(({ title, actual, predicted }) => [
    shortText(title, MAX_TITLE_CHARS),
    actual === null ? '' : actual.toFixed(1),
    predicted.toFixed(1),
  ]);
  return table(rows, {
    head: ['title', 'actual', 'predicted'],
    colAligns: ['left', 'right', 'right'],
  });
}

function outOfBag(score: OutOfBagScore | null): string {
  if (!score) return 'every row was in every bag';
  return `${describeMetrics(score)} on ${number(score.rows)} rows`;
}

function champion({ promotion }: PipelineResult): string {
  const { model, change, reason, champion: serving } = promotion;
  return `${model}: ${serving ?? 'none'}; this model was ${change}\n${reason}`;
}

function inMlflow(logged: MlflowResult): string {
  return 'failure' in logged ? `not logged: ${logged.failure}` : `${logged.url}\n${logged.versionUrl}`;
}

/** The most important features, with their shares of the total importance. */
function percentages(importances: readonly FeatureImportance[]): string {
  return importances
    .slice(0, SHOWN_FEATURES)
    .map(({ feature, importance }) => `${feature} ${Math.round(importance * 100)} %`)
    .join(', ');
}

function counts(parts: Readonly<Record<string, number>>): string {
  return Object.entries(parts)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ');
}
