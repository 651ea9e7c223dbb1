import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { FaultDidNotFire, untilClaimed, type Firing, type Scene } from '../scene.ts';
import { releaseHold, type Strike } from '../strike.ts';

/** A second start of a running id is refused. That it works after the end is for the round to show. */
export async function playSameIdTwice(scene: Scene, strike: Strike): Promise<Firing> {
  await untilClaimed(scene, strike);
  const second = await scene.start().catch((error: unknown) => error);
  releaseHold(scene.directory, strike);
  if (second instanceof WorkflowExecutionAlreadyStartedError)
    return { proof: 'the second start was refused' };
  throw new FaultDidNotFire(`a second start of ${scene.workflowId} was not refused`);
}
