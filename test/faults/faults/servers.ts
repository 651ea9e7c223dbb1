import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLine, readJournal } from '../worker/journal.ts';
import { expectEffect, FaultDidNotFire, untilClaimed, type Firing, type FaultContext } from './context.ts';
import type { OwnServer } from '../environment/servers.ts';
import { releaseHold, type Claim, type Injection } from './injection.ts';
import { nextSuccess } from './kill.ts';

/** Kills the broker and restarts it on the same log. */
export async function followBrokerKill(context: FaultContext, injection: Injection): Promise<Firing> {
  const { claim, kafka } = await takeAway(context, injection, 'kafka');
  await kafka.restart();
  const done = await nextSuccess(context, claim);
  const seen = await expectEffect('a worker to notice that the broker is away', () =>
    findNoticedOutage(context, claim),
  );
  return { proof: `broker killed, ${seen}`, resumeSeconds: (done.atMs - claim.atMs) / 1000 };
}

/** Keeps the broker away for a while: an attempt must fail because of it, and the run must wait. */
export async function followBrokerAway(context: FaultContext, injection: Injection): Promise<Firing> {
  const { claim, kafka } = await takeAway(context, injection, 'kafka');
  await Promise.all([
    sleep(context.awaySeconds * 1000),
    expectEffect('an attempt to fail with BrokerError', () => {
      const failed = findLine(readJournal(context.directory), 'failed', claim, claim.atMs);
      return failed?.error === 'BrokerError';
    }),
  ]);
  await kafka.restart();
  const done = await nextSuccess(context, claim);
  return {
    proof: `broker away for ${context.awaySeconds} s, BrokerError in ${claim.activity}`,
    resumeSeconds: (done.atMs - claim.atMs) / 1000,
  };
}

/** Kills Temporal and restarts it on the same database. */
export async function followTemporalKill(context: FaultContext, injection: Injection): Promise<Firing> {
  const { claim, temporal } = await takeAway(context, injection, 'temporal');
  await temporal.restart();
  const restartedMs = Date.now();
  const next = await expectEffect('work to continue after Temporal was restarted', () => {
    const continued = readJournal(context.directory).find(
      ({ event, atMs }) => (event === 'started' || event === 'done') && atMs > restartedMs,
    );
    // After its last activity the run starts nothing: its end is enough.
    return continued ?? (context.ended() !== undefined && { atMs: Date.now() });
  });
  return {
    proof: `Temporal killed ${claim.moment} ${claim.activity}, clients were refused`,
    resumeSeconds: (next.atMs - claim.atMs) / 1000,
  };
}

async function takeAway(context: FaultContext, injection: Injection, name: 'kafka' | 'temporal') {
  const { servers } = context;
  if (servers === undefined) throw new FaultDidNotFire('the servers of this round are not its own');
  const claim = await untilClaimed(context, injection);
  const { signal } = await servers[name].kill();
  if (signal !== 'SIGKILL') throw new FaultDidNotFire(`${name} ended by ${signal ?? 'itself'}, not SIGKILL`);
  await requireRefused(servers[name]);
  releaseHold(context.directory, injection);
  return { claim, ...servers };
}

async function requireRefused(server: OwnServer): Promise<void> {
  const answered = await server.probe().then(
    () => true,
    () => false,
  );
  if (answered) throw new FaultDidNotFire(`${server.address} still answers after its process was killed`);
}

/** A failed attempt, or a line that the Kafka client logged before an attempt succeeded. */
async function findNoticedOutage(
  { directory, workers }: FaultContext,
  { atMs }: Claim,
): Promise<string | undefined> {
  const failed = readJournal(directory).find((line) => line.event === 'failed' && line.atMs > atMs);
  if (failed?.event === 'failed') return `${failed.error} in ${failed.activity}`;
  for (const file of workers.logFiles()) {
    for (const line of (await readFile(file, 'utf8')).split('\n')) {
      const message = /"time":(?<time>\d+).*"msg":"(?<text>kafka: [^"]*)"/.exec(line)?.groups;
      if (Number(message?.['time']) > atMs) return `a worker logged "${message?.['text'] ?? ''}"`;
    }
  }
  return undefined;
}
