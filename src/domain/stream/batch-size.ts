/** A run's records are there before its stream begins: enough batches that lanes end together and people see progress. */
const BATCHES_PER_LANE = 4;
const FEWEST_OF_RUN = 100;
/** Splitting fewer rows would cost more than it saves: a micro-batch costs some 20 ms beside its rows. */
const FEWEST_OF_STREAM = 1_000;

interface Room {
  readonly lanes: number;
  /** `stream.microBatchRows` */
  readonly most: number;
}

/** Rows per micro-batch of a run's stream split. */
export function batchRowsOfRun(rows: number, { lanes, most }: Room): number {
  return Math.min(most, Math.max(FEWEST_OF_RUN, Math.ceil(rows / (lanes * BATCHES_PER_LANE))));
}

/** Rows per micro-batch of what a continuous stream plans at once: few rows are one batch, many keep all lanes busy. */
export function batchRowsOfPlan(rows: number, { lanes, most }: Room): number {
  return Math.min(most, Math.max(FEWEST_OF_STREAM, Math.ceil(rows / lanes)));
}
