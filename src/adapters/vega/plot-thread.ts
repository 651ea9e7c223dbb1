import { parentPort } from 'node:worker_threads';
import type { Drawing } from '../../report/figure.ts';
import type { Plot } from '../../report/plot.ts';
import { drawPlot } from './draw.ts';

export interface PlotRequest {
  readonly id: number;
  readonly plot: Plot;
}

export interface PlotReply {
  readonly id: number;
  readonly drawing?: Drawing;
  readonly error?: unknown;
}

// One after the other: Vega numbers parts of a drawing with a counter of the process.
let last = Promise.resolve();

parentPort?.on('message', ({ id, plot }: PlotRequest) => {
  last = last
    .then(() => drawPlot(plot))
    .then(
      (drawing) => {
        reply({ id, drawing });
      },
      (error: unknown) => {
        reply({ id, error });
      },
    );
});

function reply(message: PlotReply): void {
  parentPort?.postMessage(message);
}
