import { createHash } from 'node:crypto';

/** What an ordinary consumer read of one run, and what it should. Ids name rows or places in a topic. */
export interface Evidence {
  /** Published for the run, one entry a record. */
  readonly inputs: readonly string[];
  /** The inputs that must be predicted; the others are only read back. */
  readonly expected: readonly string[];
  readonly expectedInputs: readonly string[];
  readonly predictions: readonly { readonly id: string; readonly prediction: number }[];
  readonly deadLetters: readonly string[];
  /** Of the fault-free run. */
  readonly expectedSha256: string;
}

export interface Verdict {
  readonly rowsIn: number;
  readonly predicted: number;
  readonly deadLettered: number;
  /** Not published, or neither predicted nor dead-lettered. */
  readonly lost: readonly string[];
  /** Published, predicted or dead-lettered twice, or both of the last. */
  readonly duplicated: readonly string[];
  /** In a topic, but not expected there. */
  readonly unexpected: readonly string[];
  readonly sha256: string;
  readonly isHashEqual: boolean;
}

/** Compares a run with the run without faults: every row must be predicted once, with the same value. */
export function judge(evidence: Evidence): Verdict {
  const { inputs, expected, expectedInputs, predictions, deadLetters, expectedSha256 } = evidence;
  const outputs = [...predictions.map(({ id }) => id), ...deadLetters];
  const sha256 = predictionsSha256(predictions);
  return {
    rowsIn: expected.length,
    predicted: predictions.length,
    deadLettered: deadLetters.length,
    lost: unique([...without(expectedInputs, inputs), ...without(expected, outputs)]),
    duplicated: unique([...repeated(inputs), ...repeated(outputs)]),
    unexpected: unique([...without(inputs, expectedInputs), ...without(outputs, expected)]),
    sha256,
    isHashEqual: sha256 === expectedSha256,
  };
}

/** Computes the hash of `reconcileRun` independently: a line `id:prediction` for each row, in the order of the ids. */
export function predictionsSha256(predictions: Evidence['predictions']): string {
  const order = new Intl.Collator('en', { numeric: true });
  const lines = [...predictions]
    .sort((a, b) => order.compare(a.id, b.id))
    .map(({ id, prediction }) => `${id}:${prediction}`);
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function without(ids: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return ids.filter((id) => !known.has(id));
}

function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.has(id) || !seen.add(id));
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
