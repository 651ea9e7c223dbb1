import { findLine, readJournal } from '../worker/journal.ts';
import { expectEffect, FaultDidNotFire, untilClaimed, type Firing, type FaultContext } from './context.ts';
import type { Injection } from './injection.ts';
import { nextAttempt } from './kill.ts';

/**
 * Stops the worker in the middle of a publication until another one has written it, then resumes it. The zombie ignores
 * its cancellation. It must be fenced or find the marker.
 */
export async function followZombie(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  context.workers.replace(claim.pid);
  const next = await nextAttempt(context, claim);
  const takenOver = await expectEffect(`another worker to finish ${claim.activity}(${claim.part})`, () =>
    findLine(readJournal(context.directory), 'done', claim, claim.atMs),
  );
  if (takenOver.pid === claim.pid) throw new FaultDidNotFire('the stopped worker did the work itself');
  let death: string | undefined;
  void context.workers.exitOf(claim.pid).then(({ code, signal }) => {
    death = signal ?? `code ${code}`;
  });
  const resumedMs = Date.now();
  context.workers.resume(claim.pid);
  const resumed = await expectEffect('the zombie to end its publication', () => {
    const line = findLine(readJournal(context.directory), 'resumed', claim, resumedMs - 1);
    if (line === undefined && death !== undefined) throw new FaultDidNotFire(`the zombie died: ${death}`);
    return line;
  });
  if (resumed.outcome === 'failed otherwise')
    throw new FaultDidNotFire(`the zombie failed: ${resumed.detail}`);
  return {
    proof: `pid ${claim.pid} was stopped for ${Math.round((resumedMs - claim.atMs) / 1000)} s, pid ${takenOver.pid} wrote, the zombie ${resumed.outcome === 'fenced' ? 'was fenced' : resumed.outcome}`,
    resumeSeconds: (next.atMs - claim.atMs) / 1000,
    ...(resumed.outcome === 'wrote' && { violation: `the zombie wrote ${claim.activity}(${claim.part})` }),
  };
}
