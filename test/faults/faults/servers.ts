import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeKafka } from '../../../src/dev/kafka/kafka-broker.ts';
import { leadersOf } from '../../support/cluster/leaders.ts';
import { findLine, readJournal } from '../worker/journal.ts';
import { expectEffect, FaultDidNotFire, untilClaimed, type Firing, type FaultContext } from './context.ts';
import { clusterOf, withAdmin } from './cluster.ts';
import { releaseHold, type Claim, type Injection } from './injection.ts';
import { nextSuccess } from './kill.ts';

/** Kills the broker that leads the first partition, and restarts it on the same log. */
export async function followBrokerKill(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const kafka = clusterOf(context);
  const leaders = await withAdmin(context, (admin) => leadersOf(admin, context.topic));
  const leader = leaders.get(0);
  const broker = kafka.brokers.find(({ id }) => id === leader);
  if (broker === undefined) throw new FaultDidNotFire(`${context.topic}[0] has no leader`);
  await broker.kill();
  await requireRefused(broker.address);
  releaseHold(context.directory, injection);
  const seen = await expectEffect('a worker to notice that a broker is away', () =>
    findNoticedOutage(context, claim),
  );
  await broker.start();
  const done = await nextSuccess(context, claim);
  await kafka.heal();
  return { proof: `broker ${broker.id} killed, ${seen}`, resumeSeconds: (done.atMs - claim.atMs) / 1000 };
}

/** Kills all brokers and keeps them away: an attempt must fail because of it, and the run must wait. */
export async function followBrokerAway(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const { brokers, heal } = clusterOf(context);
  await Promise.all(brokers.map((broker) => broker.kill()));
  await Promise.all(brokers.map(({ address }) => requireRefused(address)));
  releaseHold(context.directory, injection);
  await Promise.all([
    sleep(context.awaySeconds * 1000),
    expectEffect('an attempt to fail with BrokerError', () => {
      const failed = findLine(readJournal(context.directory), 'failed', claim, claim.atMs);
      return failed?.error === 'BrokerError';
    }),
  ]);
  await heal();
  const done = await nextSuccess(context, claim);
  return {
    proof: `all brokers away for ${context.awaySeconds} s, BrokerError in ${claim.activity}`,
    resumeSeconds: (done.atMs - claim.atMs) / 1000,
  };
}

/** Kills Temporal and restarts it on the same database. */
export async function followTemporalKill(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const temporal = context.servers?.temporal;
  if (temporal === undefined) throw new FaultDidNotFire('the Temporal server of this round is not its own');
  const { signal } = await temporal.kill();
  if (signal !== 'SIGKILL') throw new FaultDidNotFire(`Temporal ended by ${signal ?? 'itself'}, not SIGKILL`);
  const isRefused = await temporal.probe().then(
    () => false,
    () => true,
  );
  if (!isRefused) throw new FaultDidNotFire('Temporal still answers after its process was killed');
  releaseHold(context.directory, injection);
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

async function requireRefused(broker: string): Promise<void> {
  const answered = await probeKafka([broker]).then(
    () => true,
    () => false,
  );
  if (answered) throw new FaultDidNotFire(`${broker} still answers after its process was killed`);
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
