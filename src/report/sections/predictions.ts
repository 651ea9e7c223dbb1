import type { SamplePrediction } from '../../domain/run/report.ts';
import { figure, HALF_WIDTH, type DrawPlot } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { count, fixed, signed } from '../numbers.ts';
import type { Section } from '../section.ts';
import { joinExtents, SHOWN_ERRORS, type Extent, type SplitErrors } from '../split-errors.ts';
import { table } from '../table.ts';

/** Share of the range of the points that is added, so that no point lies on the edge of the plot. */
const ROOM = 0.04;

export const predictions: Section = {
  id: 'predictions',
  title: 'Predicted against actual',
  async body({ result, samples, batch, stream }, draw) {
    const { target } = result.model;
    const [low, high] = joinExtents(batch, stream, 'extent');
    const room = (high - low) * ROOM || 1;
    const against = (split: string, errors: SplitErrors): Promise<Html> =>
      scatter({ split, target, errors, domain: [low - room, high + room] }, draw);
    return html`<p>A prediction on the dashed line is exact, below it too low, above it too high.</p>
      <div class="pair">
        ${await against('batch', batch)}
        ${stream.residuals.length === 0 ? [] : await against('stream', stream)}
      </div>
      <div class="pair">
        ${rowsTable(`Sample predictions of the stream split, evenly spaced over its ${count(stream.rows)} rows`, samples, target)}
        ${rowsTable('The largest errors of both splits', largestErrors(batch, stream), target)}
      </div>`;
  },
};

interface Scatter {
  readonly split: string;
  readonly target: string;
  readonly errors: SplitErrors;
  readonly domain: Extent;
}

function scatter({ split, target, errors, domain }: Scatter, draw: DrawPlot): Promise<Html> {
  const { points, residuals } = errors;
  const isSample = points.length < residuals.length;
  const shown = isSample
    ? `a random sample of ${count(points.length)} of ${count(residuals.length)}`
    : count(residuals.length);
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

function largestErrors(batch: SplitErrors, stream: SplitErrors): readonly SamplePrediction[] {
  const sizeOf = ({ actual, predicted }: SamplePrediction): number =>
    Math.abs(predicted - (actual ?? predicted));
  return [...batch.largest, ...stream.largest].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, SHOWN_ERRORS);
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
