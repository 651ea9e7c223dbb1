import { figure, HALF_WIDTH, type DrawPlot } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { count, fixed, signed } from '../numbers.ts';
import type { Box } from '../plot.ts';
import type { Section } from '../section.ts';
import { joinExtents, MAX_POINTS, type SplitErrors } from '../split-errors.ts';
import { table } from '../table.ts';
import { binBounds, binCounts, thinOut } from '../values.ts';

interface Splits {
  readonly batch: SplitErrors;
  readonly stream: SplitErrors;
}

/** Of both splits together as many as in a plot of one. */
const POINTS_OF_SPLIT = MAX_POINTS / 2;

const LEGEND = [
  { hue: 'first', label: 'batch' },
  { hue: 'second', label: 'stream' },
] as const;

export const residuals: Section = {
  id: 'residuals',
  title: 'Residuals',
  async body({ result, batch, stream }, draw) {
    const splits = { batch, stream };
    return html`<p>
        Predicted minus actual ${result.model.target}: the part that the model does not explain.
      </p>
      <div class="pair">${await distribution(splits, draw)} ${await byPrediction(splits, draw)}</div>
      ${table(
        'Residuals by split: 90 % lie between the two percentiles',
        ['Rows', 'Number', 'Mean', '5th percentile', 'Median', '95th percentile'].map((label, i) => ({
          label,
          isNumber: i > 0,
        })),
        Object.entries(splits)
          .filter(([, { residuals: errors }]) => errors.length > 0)
          .map(([split, { residuals: errors }]) =>
            describe(split === 'batch' ? 'Batch split' : 'Stream split', errors),
          ),
      )}`;
  },
};

/** @param errors ascending */
function describe(label: string, errors: Float64Array): readonly string[] {
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const quantile = (part: number): number => errors[Math.round(part * (errors.length - 1))] as number;
  return [
    label,
    count(errors.length),
    ...[mean, quantile(0.05), quantile(0.5), quantile(0.95)].map((value) => signed(value)),
  ];
}

function distribution({ batch, stream }: Splits, draw: DrawPlot): Promise<Html> {
  const ends = [batch, stream].flatMap(({ residuals: errors }) =>
    errors.length === 0 ? [] : [errors[0] as number, errors.at(-1) as number],
  );
  const bounds = binBounds(Math.min(...ends), Math.max(...ends));
  const counts = [batch, stream].map(({ residuals: errors }) => binCounts(errors, bounds));
  const boxes = (from: readonly number[], height: readonly number[]): Box[] =>
    height.flatMap((rows, i) => {
      const bottom = from[i] ?? 0;
      const x = [bounds[i] as number, bounds[i + 1] as number] as const;
      return rows === 0 ? [] : [{ x, y: [bottom, bottom + rows] as const }];
    });
  const [ofBatch = [], ofStream = []] = counts;
  return figure(
    'residual-distribution',
    {
      title: 'Distribution of the residuals',
      description: `Histogram of ${count(batch.residuals.length + stream.residuals.length)} residuals from ${fixed(bounds[0] ?? 0, 2)} to ${fixed(bounds.at(-1) ?? 0, 2)}, batch and stream split stacked.`,
      width: HALF_WIDTH,
      height: 320,
      x: { title: 'predicted minus actual' },
      y: { title: 'rows', isWhole: true },
      layers: [
        { mark: 'boxes', hue: 'first', boxes: boxes([], ofBatch) },
        { mark: 'boxes', hue: 'second', boxes: boxes(ofBatch, ofStream) },
        { mark: 'rule', hue: 'ink', x: 0 },
      ],
    },
    draw,
    LEGEND,
  );
}

function byPrediction({ batch, stream }: Splits, draw: DrawPlot): Promise<Html> {
  const at = ({ points }: SplitErrors) =>
    thinOut(points, POINTS_OF_SPLIT).map(({ actual, predicted }) => ({
      x: predicted,
      y: predicted - actual,
    }));
  const ends = joinExtents(batch, stream, 'predictedExtent');
  return figure(
    'residual-by-prediction',
    {
      title: 'Residuals by prediction',
      description:
        'One point per row: the prediction on the x axis, predicted minus actual on the y axis. A visible pattern means that the error depends on the prediction.',
      width: HALF_WIDTH,
      height: 320,
      x: { title: 'predicted' },
      y: { title: 'predicted minus actual' },
      layers: [
        { mark: 'line', hue: 'ink', isDashed: true, at: ends.map((x) => ({ x, y: 0 })) },
        { mark: 'points', hue: 'first', at: at(batch) },
        { mark: 'points', hue: 'second', at: at(stream) },
      ],
    },
    draw,
    LEGEND,
  );
}
