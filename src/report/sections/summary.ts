import type { RegressionMetrics } from '../../domain/model/metrics.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { counted } from '../../domain/text.ts';
import { html, type Html } from '../html.ts';
import { count, fixed } from '../numbers.ts';
import type { Section } from '../section.ts';
import { table } from '../table.ts';

export const summary: Section = {
  id: 'summary',
  title: 'Summary',
  body: ({ result }) => {
    const { metrics, quality, model, rows, predicted, deadLettered, batches, promotion, skipped } = result;
    return html`<dl class="tiles">
        ${tile('Model', model.version, `${model.engine}, ${counted(model.features.length, 'feature')}, ${trainedOn(model.trainingRows, rows.train)}`)}
        ${tile('RMSE, batch split', fixed(metrics.batch.rmse), `${model.target}, ${count(rows.batch)} rows`)}
        ${metrics.stream ? tile('RMSE, stream split', fixed(metrics.stream.rmse), `${model.target}, ${count(rows.stream)} rows`) : []}
        ${tile('Rows scored', count(predicted), `${counted(batches, 'micro-batch')}, ${count(deadLettered)} dead-lettered`)}
        ${tile('Promotion', promotion.change, `champion ${promotion.champion ?? 'none'}`)}
      </dl>
      ${table(
        'Errors by split',
        ['Rows', 'Number', 'RMSE', 'MAE', 'R²'].map((label, i) => ({ label, isNumber: i > 0 })),
        [
          ...(quality.outOfBag
            ? [metricsRow('Training rows, out of bag', quality.outOfBag.rows, quality.outOfBag)]
            : []),
          metricsRow('Batch split', rows.batch, metrics.batch),
          ...(metrics.stream ? [metricsRow('Stream split', predicted, metrics.stream)] : []),
        ],
      )}
      ${skippedNote(skipped)}`;
  },
};

function skippedNote(skipped: PipelineResult['skipped']): readonly Html[] {
  if (!skipped) return [];
  const { batches, first } = skipped;
  const more = batches - first.length;
  return [
    ...first.map(
      ({ batch, reason }) => html`<p class="note">An operator skipped micro-batch ${batch}: ${reason}</p>`,
    ),
    ...(more > 0 ? [html`<p class="note">An operator skipped ${more} further micro-batches</p>`] : []),
  ];
}

function trainedOn(sampled: number, all: number): string {
  return sampled < all ? `${count(sampled)} of ${count(all)} rows (forest.maxRows)` : `${count(all)} rows`;
}

function tile(label: string, value: string, note: string): Html {
  return html`<div>
    <dt>${label}</dt>
    <dd>${value}<small>${note}</small></dd>
  </div>`;
}

function metricsRow(label: string, rows: number, { rmse, mae, r2 }: RegressionMetrics): readonly string[] {
  return [label, count(rows), fixed(rmse), fixed(mae), fixed(r2)];
}
