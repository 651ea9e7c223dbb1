import { readJournal } from '../journal.ts';
import { expectSoon, FaultDidNotFire, untilClaimed, type Firing, type Scene } from '../scene.ts';
import { releaseHold, type Strike } from '../strike.ts';

/** The stream is terminated in the middle of an activity, and started again with the same id: it goes on where it was. */
export async function playTerminate(scene: Scene, strike: Strike): Promise<Firing> {
  const claim = await untilClaimed(scene, strike);
  const handle = scene.client.workflow.getHandle(scene.workflowId);
  const { runId } = await handle.describe();
  await handle.terminate('by the fault suite');
  const { status } = await scene.client.workflow.getHandle(scene.workflowId, runId).describe();
  if (status.name !== 'TERMINATED') throw new FaultDidNotFire(`the stream was ${status.name}`);
  releaseHold(scene.directory, strike);
  await scene.start();
  const opened = await expectSoon('the next start to open the stream', () =>
    readJournal(scene.directory).find(
      (line) => line.event === 'done' && line.activity === 'openStream' && line.atMs > claim.atMs,
    ),
  );
  return {
    proof: `terminated ${claim.moment} ${claim.activity}(${claim.part}) and started again`,
    resumeSeconds: (opened.atMs - claim.atMs) / 1000,
  };
}
