import kafkajs, { type Admin } from 'kafkajs';
import { predictionsTopic } from '../../../src/domain/names.ts';
import type { Cluster } from '../../support/cluster/cluster.ts';
import { leadersOf, moveLeaders } from '../../support/cluster/leaders.ts';
import type { ActiveRule, Api, Rule } from '../../support/cluster/tcp-proxy.ts';
import { findLine, readJournal } from '../worker/journal.ts';
import { expectEffect, FaultDidNotFire, untilClaimed, type Firing, type FaultContext } from './context.ts';
import { releaseHold, type Claim, type Injection } from './injection.ts';
import { nextSuccess } from './kill.ts';

/** Late enough that a leader moves before the producer hears of its records. */
const ANSWER_DELAY_MS = 1_000;

/** Moves the leaders of all partitions while the producer waits for its first answer. */
export async function followLeaderMoves(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const rules = disturbAll(context, { apis: ['produce'], action: 'delay', ms: ANSWER_DELAY_MS });
  releaseHold(context.directory, injection);
  await expectEffect('a delayed answer', () => firedIn(rules) > 0);
  const topic = writtenBy(context, claim);
  const moved = await withAdmin(context, (admin) => moveLeaders(admin, topic));
  const delayed = firedIn(rules);
  for (const rule of rules) rule.remove();
  return recovered(context, claim, `${moved} leaders of ${topic} moved, ${delayed} answers delayed`);
}

/** Restarts one broker after the other while the run goes on. */
export async function followRollingRestart(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const { brokers, heal } = clusterOf(context);
  for (const broker of brokers) {
    await broker.stop();
    releaseHold(context.directory, injection);
    await broker.start();
    await heal();
  }
  return recovered(context, claim, `${brokers.length} brokers restarted one by one`);
}

/** Moves the coordinators of all transactions in the middle of one. */
export async function followCoordinatorMoves(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const moved = await withAdmin(context, (admin) => moveLeaders(admin, '__transaction_state'));
  releaseHold(context.directory, injection);
  return recovered(context, claim, `${moved} transaction coordinators moved in the middle of a publication`);
}

/** Wants as many replicas in sync as there are, and kills a broker: an attempt must fail, and the run must wait. */
export async function followReplicasMissing(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const topic = writtenBy(context, claim);
  const { brokers, heal } = clusterOf(context);
  const [broker] = brokers;
  await withAdmin(context, (admin) => setMinInSync(admin, topic, brokers.length));
  await broker?.kill();
  releaseHold(context.directory, injection);
  await expectEffect('an attempt to fail with BrokerError', () => {
    const failed = findLine(readJournal(context.directory), 'failed', claim, claim.atMs);
    return failed?.error === 'BrokerError';
  });
  await heal();
  await withAdmin(context, (admin) => setMinInSync(admin, topic, brokers.length - 1));
  return recovered(
    context,
    claim,
    `broker ${broker?.id ?? 0} killed, too few replicas of ${topic}, BrokerError`,
  );
}

/** Adds partitions to the topic that a publication is writing to. */
export async function followPartitionAdded(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const topic = writtenBy(context, claim);
  const count = await withAdmin(context, async (admin) => {
    const { size } = await leadersOf(admin, topic);
    await admin.createPartitions({ topicPartitions: [{ topic, count: size + 2 }] });
    await expectEffect('the new partitions', async () => (await leadersOf(admin, topic)).size === size + 2);
    return size + 2;
  });
  releaseHold(context.directory, injection);
  return recovered(context, claim, `${topic} has ${count} partitions since the middle of a publication`);
}

const CUT: readonly Api[] = ['addPartitionsToTxn', 'produce', 'txnOffsetCommit', 'endTxn'];

/** Closes a connection instead of passing on the answer to a request that was applied. */
export async function followConnectionCut(
  context: FaultContext,
  injection: Injection,
  random: number,
): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const api = CUT[Math.floor(random * CUT.length)] as Api;
  const rules = disturbAll(context, { apis: [api], action: 'cut', times: 1 });
  releaseHold(context.directory, injection);
  await expectEffect(`a connection to be cut after ${api}`, () => firedIn(rules) > 0);
  for (const rule of rules) rule.remove();
  return recovered(context, claim, `connection cut after ${api} was applied`);
}

export function clusterOf({ servers }: FaultContext): Cluster {
  if (servers === undefined) throw new FaultDidNotFire('the servers of this round are not its own');
  return servers.kafka;
}

export async function withAdmin<T>(context: FaultContext, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = clusterOf(context).kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function recovered(context: FaultContext, claim: Claim, proof: string): Promise<Firing> {
  const done = await nextSuccess(context, claim);
  return { proof, resumeSeconds: (done.atMs - claim.atMs) / 1000 };
}

function disturbAll(context: FaultContext, rule: Rule): ActiveRule[] {
  return clusterOf(context).brokers.map(({ proxy }) => proxy.disturb(rule));
}

function firedIn(rules: readonly ActiveRule[]): number {
  return rules.reduce((sum, rule) => sum + rule.fired(), 0);
}

function writtenBy({ topic }: FaultContext, { activity }: Claim): string {
  return activity === 'publishPredictions' ? predictionsTopic(topic) : topic;
}

async function setMinInSync(admin: Admin, topic: string, replicas: number): Promise<void> {
  const configEntries = [{ name: 'min.insync.replicas', value: String(replicas) }];
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  });
}
