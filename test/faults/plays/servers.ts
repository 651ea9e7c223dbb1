import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLine, readJournal } from '../journal.ts';
import { expectSoon, FaultDidNotFire, untilClaimed, type Firing, type Scene } from '../scene.ts';
import type { OwnServer } from '../servers.ts';
import { releaseHold, type Claim, type Strike } from '../strike.ts';
import { nextSuccess } from './kill.ts';

/** The broker is killed and comes back on the same log. */
export async function playBrokerKill(scene: Scene, strike: Strike): Promise<Firing> {
  const { claim, kafka } = await takeAway(scene, strike, 'kafka');
  await kafka.restart();
  const done = await nextSuccess(scene, claim);
  const seen = await expectSoon('a worker to have seen the broker away', () => whatWorkersSaw(scene, claim));
  return { proof: `broker killed, ${seen}`, resumeSeconds: (done.atMs - claim.atMs) / 1000 };
}

/** The broker is away for a while: a worker must have failed for it, and the run wait. */
export async function playBrokerAway(scene: Scene, strike: Strike): Promise<Firing> {
  const { claim, kafka } = await takeAway(scene, strike, 'kafka');
  await Promise.all([
    sleep(scene.awaySeconds * 1000),
    expectSoon('an attempt to fail with BrokerError', () => {
      const failed = findLine(readJournal(scene.directory), 'failed', claim, claim.atMs);
      return failed?.error === 'BrokerError';
    }),
  ]);
  await kafka.restart();
  const done = await nextSuccess(scene, claim);
  return {
    proof: `broker away for ${scene.awaySeconds} s, BrokerError in ${claim.activity}`,
    resumeSeconds: (done.atMs - claim.atMs) / 1000,
  };
}

/** Temporal is killed and comes back on the same database. */
export async function playTemporalKill(scene: Scene, strike: Strike): Promise<Firing> {
  const { claim, temporal } = await takeAway(scene, strike, 'temporal');
  await temporal.restart();
  const restartedMs = Date.now();
  const next = await expectSoon('work to go on after Temporal came back', () => {
    const goesOn = readJournal(scene.directory).find(
      ({ event, atMs }) => (event === 'started' || event === 'done') && atMs > restartedMs,
    );
    // Killed after the last activity, the run has nothing left to do but end.
    return goesOn ?? (scene.ended() !== undefined && { atMs: Date.now() });
  });
  return {
    proof: `Temporal killed ${claim.moment} ${claim.activity}, clients were refused`,
    resumeSeconds: (next.atMs - claim.atMs) / 1000,
  };
}

async function takeAway(scene: Scene, strike: Strike, name: 'kafka' | 'temporal') {
  const { servers } = scene;
  if (servers === undefined) throw new FaultDidNotFire('the servers of this round are not its own');
  const claim = await untilClaimed(scene, strike);
  const { signal } = await servers[name].kill();
  if (signal !== 'SIGKILL') throw new FaultDidNotFire(`${name} ended by ${signal ?? 'itself'}, not SIGKILL`);
  await requireRefused(servers[name]);
  releaseHold(scene.directory, strike);
  return { claim, ...servers };
}

async function requireRefused(server: OwnServer): Promise<void> {
  const answered = await server.probe().then(
    () => true,
    () => false,
  );
  if (answered) throw new FaultDidNotFire(`${server.address} still answers after its process was killed`);
}

/** A failed attempt, or what the Kafka client logged on its way to success. */
async function whatWorkersSaw({ directory, crew }: Scene, { atMs }: Claim): Promise<string | undefined> {
  const failed = readJournal(directory).find((line) => line.event === 'failed' && line.atMs > atMs);
  if (failed?.event === 'failed') return `${failed.error} in ${failed.activity}`;
  for (const file of crew.logFiles()) {
    for (const line of (await readFile(file, 'utf8')).split('\n')) {
      const message = /"time":(?<time>\d+).*"msg":"(?<text>kafka: [^"]*)"/.exec(line)?.groups;
      if (Number(message?.['time']) > atMs) return `a worker logged "${message?.['text'] ?? ''}"`;
    }
  }
  return undefined;
}
