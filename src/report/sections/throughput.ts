import type { BatchThroughput } from '../../domain/stream/batch-throughput.ts';
import { counted } from '../../domain/text.ts';
import { figure, FULL_WIDTH } from '../figure.ts';
import { html } from '../html.ts';
import { count, seconds } from '../numbers.ts';
import type { Plot } from '../plot.ts';
import type { Section } from '../section.ts';
import { table } from '../table.ts';

/** A longer table starts collapsed. */
const LONG = 12;

export const throughput: Section = {
  id: 'throughput',
  title: 'Throughput by micro-batch',
  async body({ lineage, result }, draw) {
    const { throughput: groups, input } = lineage;
    const scoring = lineage.seconds['score stream'] ?? 0;
    const steps = Object.entries(lineage.seconds);
    const size = Math.max(1, ...groups.map(({ batches }) => batches));
    const plot: Plot = {
      title:
        size === 1 ? 'Rows per second of each micro-batch' : `Rows per second, ${size} micro-batches per bar`,
      description: `Bars of ${groups.length} groups of micro-batches, in the order of the topic.`,
      width: FULL_WIDTH,
      height: 260,
      x: { title: 'micro-batch', isWhole: true },
      y: { title: 'rows per second' },
      layers: [
        {
          mark: 'boxes',
          hue: 'first',
          boxes: groups.map((group) => ({ x: [group.batch, group.batch + size], y: [0, rate(group)] })),
        },
      ],
    };
    return html`<p>
        ${count(result.predicted)} rows in ${counted(result.batches, 'micro-batch')} took ${seconds(scoring)}, up
        to ${input.stream.inFlight} at a
        time${scoring > 0 ? `: ${count(Math.round(result.predicted / scoring))} rows per second` : ''}. A
        micro-batch reads, predicts and publishes in one transaction; its time includes waiting for a worker.
      </p>
      ${groups.length === 0 ? [] : await figure('throughput', plot, draw)}
      <details${groups.length > LONG ? [] : html` open`}>
        <summary>As a table</summary>
        ${table(
          'Micro-batches',
          ['First batch', 'Batches', 'Rows', 'Seconds', 'Rows per second'].map((label) => ({
            label,
            isNumber: true,
          })),
          groups.map((group) => [
            group.batch,
            group.batches,
            count(group.rows),
            seconds(group.seconds),
            count(Math.round(rate(group))),
          ]),
        )}
      </details>
      ${table(
        'Steps of the run, wall-clock',
        [{ label: 'Step' }, { label: 'Seconds', isNumber: true }],
        steps.map(([step, taken]) => [step, seconds(taken)]),
      )}`;
  },
};

function rate(group: BatchThroughput): number {
  return group.seconds === 0 ? 0 : group.rows / group.seconds;
}
