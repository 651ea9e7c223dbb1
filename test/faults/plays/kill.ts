import { findLine, readJournal, type JournalLine } from '../journal.ts';
import { expectSoon, FaultDidNotFire, untilClaimed, type Firing, type Scene } from '../scene.ts';
import type { Claim, Strike } from '../strike.ts';

/** The worker kills itself; its replacement makes the next attempt. */
export async function playKill(scene: Scene, strike: Strike): Promise<Firing> {
  const claim = await untilClaimed(scene, strike);
  await requireKilled(scene, claim);
  const next = await expectSoon(`the next attempt of ${claim.activity}(${claim.part})`, () => {
    const journal = readJournal(scene.directory);
    return findLine(journal, 'started', claim, claim.atMs) ?? findReopening(journal, claim.atMs);
  });
  const killed = `pid ${claim.pid} killed in attempt ${claim.attempt}`;
  if (next.event === 'done') return { proof: `${killed}; the stream was terminated, and opened again` };
  return {
    proof: `${killed}; attempt ${next.attempt} by pid ${next.pid}`,
    resumeSeconds: (next.atMs - claim.atMs) / 1000,
  };
}

/** Where another fault terminates the stream meanwhile, nobody makes the next attempt: the next start plans anew. */
function findReopening(journal: readonly JournalLine[], afterMs: number) {
  return journal.find(
    (line): line is Extract<JournalLine, { readonly event: 'done' }> =>
      line.event === 'done' && line.activity === 'openStream' && line.atMs > afterMs,
  );
}

/** Two workers poll from the start; the other one takes over, and nobody is started. */
export async function playTwoWorkers(scene: Scene, strike: Strike): Promise<Firing> {
  const claim = await untilClaimed(scene, strike);
  await requireKilled(scene, claim);
  const next = await nextAttempt(scene, claim);
  const others = readJournal(scene.directory)
    .filter(({ event, atMs }) => event === 'polling' && atMs < claim.atMs)
    .map(({ pid }) => pid)
    .filter((pid) => pid !== claim.pid);
  if (!others.includes(next.pid)) {
    throw new FaultDidNotFire(
      `pid ${next.pid} took over, which was not polling when ${claim.pid} was killed`,
    );
  }
  return {
    proof: `pid ${claim.pid} killed; pid ${next.pid}, polling beside it, took over`,
    resumeSeconds: (next.atMs - claim.atMs) / 1000,
  };
}

export async function nextAttempt({ directory }: Scene, claim: Claim) {
  return expectSoon(`the next attempt of ${claim.activity}(${claim.part})`, () =>
    findLine(readJournal(directory), 'started', claim, claim.atMs),
  );
}

export async function nextSuccess({ directory }: Scene, claim: Claim) {
  return expectSoon(`${claim.activity}(${claim.part}) to succeed after the fault`, () =>
    findLine(readJournal(directory), 'done', claim, claim.atMs),
  );
}

async function requireKilled({ crew }: Scene, { pid }: Claim): Promise<void> {
  const { signal } = await crew.exitOf(pid);
  if (signal !== 'SIGKILL')
    throw new FaultDidNotFire(`pid ${pid} ended by ${signal ?? 'itself'}, not SIGKILL`);
}
