import Table from 'cli-table3';
import { describeFault, FAULT_KINDS, type FaultKind } from '../faults/fault.ts';
import type { RoundReport } from '../round.ts';

/** The last line of `--json`. */
export interface Summary {
  readonly rounds: number;
  readonly seed: number;
  readonly failedRounds: readonly number[];
  readonly lost: number;
  readonly duplicated: number;
  readonly hashMismatches: number;
  readonly fired: Readonly<Partial<Record<FaultKind, number>>>;
  readonly resumeSeconds: { readonly mean: number | null; readonly max: number | null };
}

interface Totals {
  readonly rowsIn: number;
  readonly predicted: number;
  readonly deadLettered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly hashMismatches: number;
}

export function summarize(seed: number, reports: readonly RoundReport[]): Summary {
  const { lost, duplicated, hashMismatches } = totalsOf(reports);
  const resumes = reports.flatMap((report) => resumesOf(report));
  return {
    rounds: reports.length,
    seed,
    failedRounds: reports.filter(({ failure }) => failure !== undefined).map(({ plan }) => plan.round),
    lost,
    duplicated,
    hashMismatches,
    fired: Object.fromEntries(
      FAULT_KINDS.map((kind) => [kind, firingsOf(reports, kind).length] as const).filter(
        ([, times]) => times > 0,
      ),
    ),
    resumeSeconds: {
      mean: resumes.length === 0 ? null : rounded(mean(resumes)),
      max: resumes.length === 0 ? null : rounded(Math.max(...resumes)),
    },
  };
}

/** One row per kind; a round of two kinds counts in both. */
export function faultTable(reports: readonly RoundReport[]): string {
  const table = new Table({
    head: [
      'fault',
      'fired',
      'rows in',
      'predicted',
      'dead letters',
      'lost',
      'duplicated',
      'mean s to resume',
      'max',
    ],
    colAligns: ['left', ...Array.from({ length: 8 }, () => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  const planned = new Set(reports.flatMap(({ plan }) => plan.faults.map(({ kind }) => kind)));
  for (const kind of FAULT_KINDS.filter((one) => planned.has(one))) {
    const firings = firingsOf(reports, kind);
    const affected = reports.filter(({ fired }) => fired.some(({ fault }) => fault.kind === kind));
    const { rowsIn, predicted, deadLettered, lost, duplicated } = totalsOf(affected);
    const resumes = firings.flatMap(({ resumeSeconds }) => resumeSeconds ?? []);
    table.push([
      kind,
      firings.length,
      rowsIn,
      predicted,
      deadLettered,
      lost,
      duplicated,
      ...(resumes.length === 0 ? ['–', '–'] : [mean(resumes).toFixed(1), Math.max(...resumes).toFixed(1)]),
    ]);
  }
  return table.toString();
}

export function reportLine({ plan, seconds, fired, verdicts, failure }: RoundReport): string {
  const { rowsIn, predicted, deadLettered, lost, duplicated } = totalsOf([{ verdicts }]);
  const proofs = fired
    .map(({ fault, proof, resumeSeconds }) => {
      const resumed = resumeSeconds === undefined ? '' : ` (${resumeSeconds.toFixed(1)} s)`;
      return `${describeFault(fault)}: ${proof}${resumed}`;
    })
    .join('; ');
  const state = failure === undefined ? 'ok    ' : 'FAILED';
  return `round ${plan.round} ${state} ${seconds.toFixed(0)} s, ${rowsIn} in, ${predicted} predicted, ${deadLettered} dead, ${lost} lost, ${duplicated} duplicated | ${proofs}`;
}

function firingsOf(reports: readonly RoundReport[], kind: FaultKind) {
  return reports.flatMap(({ fired }) => fired).filter(({ fault }) => fault.kind === kind);
}

function resumesOf({ fired }: RoundReport): number[] {
  return fired.flatMap(({ resumeSeconds }) => resumeSeconds ?? []);
}

function totalsOf(reports: readonly Pick<RoundReport, 'verdicts'>[]): Totals {
  const verdicts = reports.flatMap((report) => report.verdicts);
  const sum = (count: (verdict: (typeof verdicts)[number]) => number): number =>
    verdicts.reduce((total, verdict) => total + count(verdict), 0);
  return {
    rowsIn: sum(({ rowsIn }) => rowsIn),
    predicted: sum(({ predicted }) => predicted),
    deadLettered: sum(({ deadLettered }) => deadLettered),
    lost: sum(({ lost }) => lost.length),
    duplicated: sum(({ duplicated }) => duplicated.length),
    hashMismatches: sum(({ isHashEqual }) => (isHashEqual ? 0 : 1)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
