/** How long the run may take, and what it works on. */
export interface BenchOptions {
  /** Less of everything: a run of the default parts takes five minutes. */
  readonly quick: boolean;
  /** The parts that take long, too. */
  readonly full: boolean;
  /** Rounds, instead of each part's own number. */
  readonly repeats: number | undefined;
  /** The IMDb file; generated rows when it is absent. */
  readonly csv: string;
}
