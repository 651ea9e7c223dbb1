import { findLine, readJournal } from '../journal.ts';
import { expectSoon, FaultDidNotFire, untilClaimed, type Firing, type Scene } from '../scene.ts';
import type { Strike } from '../strike.ts';
import { nextAttempt } from './kill.ts';

/**
 * The worker is stopped in the middle of a publication until another one has written it, and then goes on where it
 * was, deaf to its cancellation. It must have been fenced, or find the marker.
 */
export async function playZombie(scene: Scene, strike: Strike): Promise<Firing> {
  const claim = await untilClaimed(scene, strike);
  scene.crew.relieve(claim.pid);
  const next = await nextAttempt(scene, claim);
  const takenOver = await expectSoon(`another worker to finish ${claim.activity}(${claim.part})`, () =>
    findLine(readJournal(scene.directory), 'done', claim, claim.atMs),
  );
  if (takenOver.pid === claim.pid) throw new FaultDidNotFire('the stopped worker did its work itself');
  const wokenMs = Date.now();
  scene.crew.wake(claim.pid);
  const woke = await expectSoon('the zombie to end its publication', () =>
    findLine(readJournal(scene.directory), 'woke', claim, wokenMs - 1),
  );
  if (woke.outcome === 'failed otherwise') throw new FaultDidNotFire(`the zombie failed: ${woke.detail}`);
  return {
    proof: `pid ${claim.pid} slept ${Math.round((wokenMs - claim.atMs) / 1000)} s, pid ${takenOver.pid} wrote, the zombie ${woke.outcome === 'fenced' ? 'was fenced' : woke.outcome}`,
    resumeSeconds: (next.atMs - claim.atMs) / 1000,
    ...(woke.outcome === 'wrote' && { violation: `the zombie wrote ${claim.activity}(${claim.part})` }),
  };
}
