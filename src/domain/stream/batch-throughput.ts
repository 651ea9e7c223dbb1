/** One micro-batch, or several consecutive ones. */
export interface BatchThroughput {
  /** The first of them. */
  readonly batch: number;
  /** How many of them are done. */
  readonly batches: number;
  readonly rows: number;
  /** Sum of the batches' durations; batches run at the same time. */
  readonly seconds: number;
}

/** A stream's result must stay small, however many batches it takes. */
const MAX_GROUPS = 60;

/** Adds a finished batch to its group. @param planned number of batches of the whole stream */
export function addThroughput(
  soFar: readonly BatchThroughput[],
  done: { readonly batch: number; readonly rows: number; readonly seconds: number },
  planned: number,
): readonly BatchThroughput[] {
  const size = Math.ceil(planned / MAX_GROUPS);
  const first = done.batch - (done.batch % size);
  const known = soFar.find(({ batch }) => batch === first) ?? {
    batch: first,
    batches: 0,
    rows: 0,
    seconds: 0,
  };
  const grown = {
    batch: first,
    batches: known.batches + 1,
    rows: known.rows + done.rows,
    seconds: toMillis(known.seconds + done.seconds),
  };
  return [...soFar.filter(({ batch }) => batch !== first), grown].sort((a, b) => a.batch - b.batch);
}

/** Sums of doubles grow meaningless digits that fill a payload. */
function toMillis(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}
