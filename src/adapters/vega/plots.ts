import type { Plots } from '../../activities/run/render-report.ts';
import { createKeptThread } from '../../forest/threads/kept-thread.ts';
import type { Drawing } from '../../report/figure.ts';
import type { Plot } from '../../report/plot.ts';

/** The thread holds some 60 MB; loading Vega again takes half a second. */
const KEPT_MS = 5 * 60_000;
/**
 * The plots of a report need 20 MB. Below 2 GB, V8 lets a heap grow to less than twice of what is alive before it collects
 * the rest, above to four times.
 */
const LIMITS = { maxOldGenerationSizeMb: 512 };

/** Draws plots in a thread of its own, one after the other: the dozen plots of a report take half a second. */
export function createVegaPlots(keptMs = KEPT_MS): Plots & { close(): Promise<void> } {
  const thread = createKeptThread<Plot, Drawing>({
    besideUrl: import.meta.url,
    name: 'plot-thread',
    what: 'the thread that draws plots',
    keptMs,
    limits: LIMITS,
  });
  return {
    prepare: () => {
      thread.prepare();
    },
    draw: (plot) => thread.call(plot),
    close: () => thread.close(),
  };
}
