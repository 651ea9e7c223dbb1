import { unlessMissing } from '../setup/context.ts';
import type { Results } from '../suite/results.ts';
import {
  formatRatio,
  formatShare,
  rmseDifference,
  sampleCells,
  speedup,
  type Sample,
} from '../suite/table.ts';
import { atLeast } from '../suite/target.ts';
import { PEER_TITLES, type PeerName } from './session.ts';

/** A peer whose error is larger by more than this grows or scores a worse forest: its speed is no match. */
const EQUAL_RMSE_SHARE = 0.01;

export type Samples = Readonly<Partial<Record<string, readonly Sample[]>>>;

/** @returns the peers that do the work once, which is not timed */
export async function peersThatWork(
  results: Results,
  names: readonly PeerName[],
  work: (name: PeerName) => Promise<unknown>,
): Promise<readonly PeerName[]> {
  const working: PeerName[] = [];
  for (const name of names) {
    const done = await unlessMissing(results, PEER_TITLES[name], async () => {
      await work(name);
      return true;
    });
    if (done) working.push(name);
  }
  return working;
}

/** The fastest peer of equal or smaller error, and how much faster ours is. */
export function bestPeer(
  ours: readonly Sample[],
  samples: Samples,
): { readonly name: string; readonly ratio: number } | undefined {
  return Object.entries(samples)
    .filter(([, theirs]) => theirs !== undefined && rmseDifference(ours, theirs) <= EQUAL_RMSE_SHARE)
    .map(([name, theirs = []]) => ({ name, ratio: speedup(theirs, ours) }))
    .sort((a, b) => a.ratio - b.ratio)[0];
}

/** Ratios, and the target against the best peer. */
export function addComparison(
  results: Results,
  figure: string,
  {
    ours,
    theirs,
    factor,
  }: { readonly ours: readonly Sample[]; readonly theirs: Samples; readonly factor: number },
): void {
  for (const [name, samples = []] of Object.entries(theirs)) {
    results.addRatio(name, figure, speedup(samples, ours));
    results.addFigure(`RMSE to ${name}, ${figure}`, rmseDifference(samples, ours));
  }
  const best = bestPeer(ours, theirs);
  if (best)
    results.addTarget(atLeast(`${figure} vs the best peer of equal RMSE, ${best.name}`, factor, best.ratio));
}

/** The cells of a row: name, the sample's, RMSE and speed of ours relative to theirs. */
export function comparisonRow(name: string, theirs: readonly Sample[], ours: readonly Sample[]): string[] {
  if (theirs === ours) return [name, ...sampleCells(ours), '', ''];
  return [
    name,
    ...sampleCells(theirs),
    formatShare(rmseDifference(theirs, ours)),
    formatRatio(speedup(theirs, ours)),
  ];
}
