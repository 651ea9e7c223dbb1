import type { RunLineage } from '../../domain/run/report.ts';
import { html, type Html } from '../html.ts';
import { count } from '../numbers.ts';
import type { Section } from '../section.ts';
import { facts, table } from '../table.ts';

export const lineage: Section = {
  id: 'lineage',
  title: 'Lineage',
  body: ({ result, lineage: from }) => {
    const { dataset, model, splitSha256, predictionsSha256 } = result;
    return html`${facts('Where the numbers come from', [
        ['Run', html`<a href="${from.url}">${from.workflowId}</a>`],
        ...(from.mlflowUrl === undefined
          ? []
          : [['In MLflow', html`<a href="${from.mlflowUrl}">${from.mlflowUrl}</a>`] as const]),
        ['Run id', code(from.runId)],
        ['Name in Kafka and in the artifact store', code(result.run)],
        ['As of', from.asOf],
        ['Dataset', `${dataset.source.path}, ${count(dataset.source.bytes)} bytes`],
        ['Dataset, sha256', code(dataset.source.sha256)],
        ['Row key', dataset.keyColumn ?? 'a hash of the row'],
        ['Splits, sha256', code(splitSha256)],
        ['Model', model.version],
        ['Model, file', code(model.artifact.uri)],
        ['Model, sha256', code(model.artifact.sha256)],
        ['Predictions, sha256', code(predictionsSha256)],
        ['Package', `imdb-temporal ${from.version}`],
        ['Git commit', from.commit === null ? 'unknown' : code(from.commit)],
      ])}
      ${offsets(from)}
      <details open>
        <summary>Input, defaults filled in</summary>
        <pre>${JSON.stringify(from.input, undefined, 2)}</pre>
      </details>`;
  },
};

function offsets({ input, offsets: { batch, stream } }: RunLineage): Html {
  const rows = Object.entries({ Batch: batch, Stream: stream }).flatMap(([split, ranges]) =>
    ranges.map(({ partition, offsetFrom, offsetTo, records }) => [
      split,
      `${input.topic}[${partition}]`,
      String(offsetFrom),
      String(offsetTo - 1),
      count(records),
    ]),
  );
  return table(
    'Records published and read back. Offsets have gaps, because transaction markers take some',
    [
      { label: 'Split' },
      { label: 'Partition' },
      { label: 'First offset', isNumber: true },
      { label: 'Last offset', isNumber: true },
      { label: 'Records', isNumber: true },
    ],
    rows,
  );
}

function code(text: string): Html {
  return html`<code>${text}</code>`;
}
