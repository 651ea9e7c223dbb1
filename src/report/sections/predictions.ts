import type { SamplePrediction } from '../../domain/run/report.ts';
import { figure, HALF_WIDTH, type DrawPlot } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { count, fixed, signed } from '../numbers.ts';
import { judged, type JudgedPrediction } from '../report-data.ts';
import type { Section } from '../section.ts';
import { table } from '../table.ts';
import { extentOf, MAX_POINTS, thinOut } from '../values.ts';

/** Enough to see which kind of row the model predicts badly. */
const SHOWN_ERRORS = 10;
/** Share of the range of the points that is added, so that no point lies on the edge of the plot. */
const ROOM = 0.04;

export const predictions: Section = {
  id: 'predictions',
  title: 'Predicted against actual',
  async body({ result, samples, batch, stream }, draw) {
    const { target } = result.model;
    const [judgedBatch, judgedStream] = [judged(batch), judged(stream)];
    const all = [...judgedBatch, ...judgedStream];
    const [low, high] = extentOf(all.flatMap(({ actual, predicted }) => [actual, predicted]));
    const room = (high - low) * ROOM || 1;
    const against = (split: string, rows: readonly JudgedPrediction[]): Promise<Html> =>
      scatter({ split, target, rows, domain: [low - room, high + room] }, draw);
    return html`<p>A prediction on the dashed line is exact, below it too low, above it too high.</p>
      <div class="pair">
        ${await against('batch', judgedBatch)}
        ${judgedStream.length === 0 ? [] : await against('stream', judgedStream)}
      </div>
      <div class="pair">
        ${rowsTable(`Sample predictions of the stream split, evenly spaced over its ${count(stream.length)} rows`, samples, target)}
        ${rowsTable('The largest errors of both splits', largestErrors(all), target)}
      </div>`;
  },
};

interface Scatter {
  readonly split: string;
  readonly target: string;
  readonly rows: readonly JudgedPrediction[];
  readonly domain: readonly [from: number, to: number];
}

function scatter({ split, target, rows, domain }: Scatter, draw: DrawPlot): Promise<Html> {
  const points = thinOut(rows);
  const shown =
    points.length < rows.length ? `${count(MAX_POINTS)} of ${count(rows.length)}` : count(rows.length);
  const [from, to] = domain;
  return figure(
    `against-${split}`,
    {
      title: `${split === 'batch' ? 'Batch' : 'Stream'} split, ${shown} rows`,
      description: `One point per row: actual ${target} on the x axis, predicted ${target} on the y axis. On the dashed line both are equal.`,
      width: HALF_WIDTH,
      height: 400,
      x: { title: `actual ${target}`, domain },
      y: { title: `predicted ${target}`, domain },
      layers: [
        {
          mark: 'line',
          hue: 'ink',
          isDashed: true,
          at: [
            { x: from, y: from },
            { x: to, y: to },
          ],
        },
        {
          mark: 'points',
          hue: split === 'batch' ? 'first' : 'second',
          at: points.map(({ actual, predicted }) => ({ x: actual, y: predicted })),
        },
      ],
    },
    draw,
  );
}

function largestErrors(rows: readonly JudgedPrediction[]): readonly JudgedPrediction[] {
  return [...rows].sort((a, b) => Math.abs(b.error) - Math.abs(a.error)).slice(0, SHOWN_ERRORS);
}

function rowsTable(caption: string, rows: readonly SamplePrediction[], target: string): Html {
  return table(
    caption,
    [
      { label: 'Title' },
      { label: 'Row', isNumber: true },
      { label: `Actual ${target}`, isNumber: true },
      { label: 'Predicted', isNumber: true },
      { label: 'Error', isNumber: true },
    ],
    rows.map(({ title, rowId, actual, predicted }) => [
      title,
      rowId ?? '',
      actual === null ? '' : fixed(actual, 2),
      fixed(predicted, 2),
      actual === null ? '' : signed(predicted - actual, 2),
    ]),
  );
}
