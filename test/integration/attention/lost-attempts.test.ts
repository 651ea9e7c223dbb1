import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import { createWorkers } from '../../faults/environment/workers.ts';
import type { Injection } from '../../faults/faults/injection.ts';
import { test } from '../../support/environment.ts';
import { statesOf } from '../../support/trouble/trouble.ts';

/** Each is noticed after ten seconds, so the fourth attempt begins after more than half a minute. */
const KILLS = [1, 2, 3].map((attempt): Injection => ({
  name: `attempt-${attempt}`,
  action: 'kill',
  place: { activity: 'trainForest', moment: 'between' },
}));

test('a step that kills its worker again and again makes its run need attention', async ({
  environment: { client, env, newId, newTopic },
}) => {
  const directory = await mkdtemp(join(tmpdir(), 'imdb-lost-'));
  const taskQueue = newId();
  const workers = createWorkers(
    { directory, injections: KILLS, bundleFile: inject('bundleFile') },
    { ...env, TASK_QUEUE: taskQueue },
  );
  onTestFinished(async () => {
    await workers.stop();
    await rm(directory, { recursive: true, force: true });
  });
  await workers.start(1);
  const run = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue,
    args: [{ topic: newTopic(), forest: { trees: 1 } }],
  });
  await run.result();

  expect(await statesOf(run)).toEqual(['Running', 'NeedsAttention', 'Running', 'Completed']);
  const { events } = await run.fetchHistory();
  const signals = (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
    signal ? [Buffer.from(signal.input?.payloads?.[1]?.data ?? []).toString()] : [],
  );
  // On a slow machine, the third attempt reports too, and its worker takes the memory of that along.
  expect([1, 2]).toContain(signals.length);
  for (const report of signals) expect(report).toContain('"type":"Timeout"');
});
