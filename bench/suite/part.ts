import type { Context } from '../setup/context.ts';
import type { Results } from './results.ts';

/** What `npm run bench -- <name>` measures. */
export interface Part {
  readonly name: string;
  /** One line, for `--help` and the report. */
  readonly question: string;
  /** Parts of the part: `npm run bench -- <name>:<figure>`. */
  readonly figures?: readonly string[];
  /**
   * Adds what it measured to the results, and calls `results.save()` whenever a figure is complete, so that a run that is
   * stopped keeps it. Ours and the peers take turns, see `interleave`.
   *
   * @param figures those to measure
   */
  run(context: Context, results: Results, figures: ReadonlySet<string>): Promise<void>;
}
