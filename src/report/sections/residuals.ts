import { figure, HALF_WIDTH, type DrawPlot } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { count, fixed, signed } from '../numbers.ts';
import type { Box } from '../plot.ts';
import { judged, type JudgedPrediction } from '../report-data.ts';
import type { Section } from '../section.ts';
import { table } from '../table.ts';
import { binBounds, binCounts, extentOf, MAX_POINTS, thinOut } from '../values.ts';

interface Splits {
  readonly batch: readonly JudgedPrediction[];
  readonly stream: readonly JudgedPrediction[];
}

const LEGEND = [
  { hue: 'first', label: 'batch' },
  { hue: 'second', label: 'stream' },
] as const;

export const residuals: Section = {
  id: 'residuals',
  title: 'Residuals',
  async body({ result, batch, stream }, draw) {
    const splits = { batch: judged(batch), stream: judged(stream) };
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
          .filter(([, rows]) => rows.length > 0)
          .map(([split, rows]) => describe(split === 'batch' ? 'Batch split' : 'Stream split', rows)),
      )}`;
  },
};

function describe(label: string, rows: readonly JudgedPrediction[]): readonly string[] {
  const errors = rows.map(({ error }) => error).sort((a, b) => a - b);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const quantile = (part: number): number => errors[Math.round(part * (errors.length - 1))] as number;
  return [
    label,
    count(rows.length),
    ...[mean, quantile(0.05), quantile(0.5), quantile(0.95)].map((value) => signed(value)),
  ];
}

function distribution({ batch, stream }: Splits, draw: DrawPlot): Promise<Html> {
  const errors = [...batch, ...stream].map(({ error }) => error);
  const bounds = binBounds(errors);
  const counts = [batch, stream].map((rows) =>
    binCounts(
      rows.map(({ error }) => error),
      bounds,
    ),
  );
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
      description: `Histogram of ${count(errors.length)} residuals from ${fixed(bounds[0] ?? 0, 2)} to ${fixed(bounds.at(-1) ?? 0, 2)}, batch and stream split stacked.`,
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
  const at = (rows: readonly JudgedPrediction[]) =>
    thinOut(rows, MAX_POINTS / 2).map(({ predicted, error }) => ({ x: predicted, y: error }));
  const ends = extentOf([...batch, ...stream].map(({ predicted }) => predicted));
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
