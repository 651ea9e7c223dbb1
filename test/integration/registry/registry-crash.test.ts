import { expect, onTestFinished } from 'vitest';
import { approvalUpdate, PROGRESS_QUERY, workflowType } from '../../../src/domain/names.ts';
import type { ModelProposal } from '../../../src/domain/registry/model-registry.ts';
import type { PipelineProgress } from '../../../src/domain/run/progress.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { proposalOf, registeredModel, test } from '../../support/registry.ts';
import { startWorkerProcess } from '../../support/worker/worker-process.ts';

const LANES = 6;
const RUNS_IN_LANE = 12;

test('proposals whose worker is killed among them are recorded once each, in one order', async ({
  environment: { env },
  registry,
}) => {
  const first = await startWorkerProcess(env);
  onTestFinished(() => first.kill());
  /** Retries as the activity does. */
  const untilRecorded = (proposal: ModelProposal): Promise<unknown> =>
    pollUntil(`${proposal.model.run} to be recorded`, () =>
      registry.propose('crash', proposal).catch(() => undefined),
    );
  await untilRecorded(proposalOf('first/0', null));
  const champion = registeredModel('first/0').version;
  let recorded = 0;
  let killed: Promise<void> | undefined;

  const propose = async (run: string): Promise<void> => {
    await untilRecorded(proposalOf(run, champion, 'keep'));
    recorded += 1;
    if (recorded === LANES) killed = first.kill();
  };
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    for (let i = 0; i < RUNS_IN_LANE; i += 1) await propose(`nightly-${lane}-${i}/0`);
  });
  await pollUntil('the worker to be killed', async () => killed !== undefined);
  await killed;
  const second = await startWorkerProcess(env);
  onTestFinished(() => second.kill());
  await Promise.all(lanes);

  const history = await registry.history('crash');
  expect(history.map(({ number }) => number)).toEqual(history.map((_, i) => i + 1));
  const runs = history.map(({ model }) => model.run);
  expect(runs).toHaveLength(1 + LANES * RUNS_IN_LANE);
  expect(new Set(runs).size).toBe(runs.length);
  for (let lane = 0; lane < LANES; lane += 1) {
    const ofLane = runs.filter((run) => run.startsWith(`nightly-${lane}-`));
    expect(ofLane).toEqual(Array.from({ length: RUNS_IN_LANE }, (_, i) => `nightly-${lane}-${i}/0`));
  }
});

test('a run whose worker is killed during promotion is promoted once, by the next one', async ({
  environment: { client, config, env, newId, newTopic },
  registry,
}) => {
  const first = await startWorkerProcess(env);
  onTestFinished(() => first.kill());
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [
      {
        topic: newTopic(),
        forest: { trees: 1 },
        promotion: { model: 'killed', approval: 'manual' },
      },
    ],
  });
  await pollUntil('the request for approval', async () => {
    const progress = await handle.query<PipelineProgress>(PROGRESS_QUERY).catch(() => undefined);
    return progress?.attention;
  });
  await first.kill();
  // No worker is left: the next one records the answer and the proposal.
  const answered = handle.executeUpdate(approvalUpdate.approve);
  const second = await startWorkerProcess(env);
  onTestFinished(() => second.kill());

  expect(await answered).toMatch(/^approved: the run goes on/);
  const { promotion, model, run } = (await handle.result()) as PipelineResult;
  expect(promotion).toMatchObject({ change: 'promoted', champion: model.version });
  expect(await registry.history('killed')).toMatchObject([{ number: 1, change: 'promoted', model: { run } }]);
});
