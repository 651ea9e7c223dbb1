import { findLine, readJournal, type JournalLine } from '../worker/journal.ts';
import { expectEffect, FaultDidNotFire, untilClaimed, type Firing, type FaultContext } from './context.ts';
import type { Claim, Injection } from './injection.ts';

/** The worker kills itself; its replacement makes the next attempt. */
export async function followKill(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  await requireKilled(context, claim);
  const next = await expectEffect(`the next attempt of ${claim.activity}(${claim.part})`, () => {
    const journal = readJournal(context.directory);
    return findLine(journal, 'started', claim, claim.atMs) ?? findReopening(journal, claim.atMs);
  });
  const killed = `pid ${claim.pid} killed in attempt ${claim.attempt}`;
  if (next.event === 'done') return { proof: `${killed}; the stream was terminated, and opened again` };
  return {
    proof: `${killed}; attempt ${next.attempt} by pid ${next.pid}`,
    resumeSeconds: (next.atMs - claim.atMs) / 1000,
  };
}

/** If another fault terminates the stream, no attempt follows: the next start plans its batches again. */
function findReopening(journal: readonly JournalLine[], afterMs: number) {
  return journal.find(
    (line): line is Extract<JournalLine, { readonly event: 'done' }> =>
      line.event === 'done' && line.activity === 'openStream' && line.atMs > afterMs,
  );
}

/** Two workers poll from the start: the other one takes over, and no worker is started. */
export async function followTwoWorkers(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  await requireKilled(context, claim);
  const next = await nextAttempt(context, claim);
  const others = readJournal(context.directory)
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

export async function nextAttempt({ directory }: FaultContext, claim: Claim) {
  return expectEffect(`the next attempt of ${claim.activity}(${claim.part})`, () =>
    findLine(readJournal(directory), 'started', claim, claim.atMs),
  );
}

export async function nextSuccess({ directory }: FaultContext, claim: Claim) {
  return expectEffect(`${claim.activity}(${claim.part}) to succeed after the fault`, () =>
    findLine(readJournal(directory), 'done', claim, claim.atMs),
  );
}

async function requireKilled({ workers }: FaultContext, { pid }: Claim): Promise<void> {
  const { signal } = await workers.exitOf(pid);
  if (signal !== 'SIGKILL')
    throw new FaultDidNotFire(`pid ${pid} ended by ${signal ?? 'itself'}, not SIGKILL`);
}
