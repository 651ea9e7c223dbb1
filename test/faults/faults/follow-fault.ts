import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { injectionOf, type Fault } from './fault.ts';
import { followArtifactCorrupt, followArtifactsUnwritable } from './artifacts.ts';
import {
  followConnectionCut,
  followCoordinatorMoves,
  followLeaderMoves,
  followPartitionAdded,
  followReplicasMissing,
  followRollingRestart,
} from './cluster.ts';
import { followKill, followTwoWorkers } from './kill.ts';
import { followBrokerAway, followBrokerKill, followTemporalKill } from './servers.ts';
import { followZombie } from './zombie.ts';
import { expectEffect, FaultDidNotFire, untilClaimed, type FaultContext, type Firing } from './context.ts';
import { releaseHold, type Injection } from './injection.ts';
import { readJournal } from '../worker/journal.ts';

/** Follows one fault from its injection to the recovery. @throws FaultDidNotFire */
export async function followFault(context: FaultContext, fault: Fault, index: number): Promise<Firing> {
  const injection = injectionOf(fault, index);
  switch (fault.kind) {
    case 'kill-before':
    case 'kill-between':
    case 'kill-after':
      return followKill(context, injection);
    case 'two-workers':
      return followTwoWorkers(context, injection);
    case 'zombie':
      return followZombie(context, injection);
    case 'broker-kill':
      return followBrokerKill(context, injection);
    case 'broker-away':
      return followBrokerAway(context, injection);
    case 'temporal-kill':
      return followTemporalKill(context, injection);
    case 'artifacts-unwritable':
      return followArtifactsUnwritable(context, injection);
    case 'artifact-corrupt':
      return followArtifactCorrupt(context, injection, fault.random);
    case 'same-id-twice':
      return followSameIdTwice(context, injection);
    case 'terminate':
      return followTerminate(context, injection);
    case 'leader-moves':
      return followLeaderMoves(context, injection);
    case 'rolling-restart':
      return followRollingRestart(context, injection);
    case 'coordinator-moves':
      return followCoordinatorMoves(context, injection);
    case 'replicas-missing':
      return followReplicasMissing(context, injection);
    case 'partition-added':
      return followPartitionAdded(context, injection);
    case 'connection-cut':
      return followConnectionCut(context, injection, fault.random);
  }
}

/** A second start of a running id is refused. The round shows that it works after the end. */
async function followSameIdTwice(context: FaultContext, injection: Injection): Promise<Firing> {
  await untilClaimed(context, injection);
  const second = await context.start().catch((error: unknown) => error);
  releaseHold(context.directory, injection);
  if (second instanceof WorkflowExecutionAlreadyStartedError)
    return { proof: 'the second start was refused' };
  throw new FaultDidNotFire(`a second start of ${context.workflowId} was not refused`);
}

/** Terminates the stream during an activity and starts it again with the same id: it continues at its position. */
async function followTerminate(context: FaultContext, injection: Injection): Promise<Firing> {
  const claim = await untilClaimed(context, injection);
  const handle = context.client.workflow.getHandle(context.workflowId);
  const { runId } = await handle.describe();
  await handle.terminate('by the fault suite');
  const { status } = await context.client.workflow.getHandle(context.workflowId, runId).describe();
  if (status.name !== 'TERMINATED') throw new FaultDidNotFire(`the stream was ${status.name}`);
  releaseHold(context.directory, injection);
  await context.start();
  const opened = await expectEffect('the next start to open the stream', () =>
    readJournal(context.directory).find(
      (line) => line.event === 'done' && line.activity === 'openStream' && line.atMs > claim.atMs,
    ),
  );
  return {
    proof: `terminated ${claim.moment} ${claim.activity}(${claim.part}) and started again`,
    resumeSeconds: (opened.atMs - claim.atMs) / 1000,
  };
}
