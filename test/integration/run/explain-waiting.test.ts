import { expect } from 'vitest';
import { FILMS, HEADER, test } from '../../support/explained-runs.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startGatedWorker } from '../../support/worker/gated-worker.ts';

test('a run in progress: explain names the running activity, and that it is paused', async ({
  environment,
  startRun,
  explained,
}) => {
  await environment.writeCsv('films.csv', [HEADER, ...FILMS].join('\n'));
  const { taskQueue } = await startGatedWorker(environment, 'trainForest');
  const run = await startRun({ dataset: { path: 'films.csv' } }, taskQueue);
  await pollUntil('training', async () =>
    /train \(trainForest\): attempt \d+, running/.test((await explained(run.workflowId)).text),
  );
  await run.signal('pause');
  await pollUntil('the run to be paused', async () =>
    (await explained(run.workflowId)).text.includes(
      `is paused. Continue with: imdb resume ${run.workflowId}`,
    ),
  );
  await run.terminate('end of test');
  const { findings } = await explained(run.workflowId);
  expect(findings).toMatchObject([
    { kind: 'end', path: ['train', 'trainForest'], failure: { type: 'Terminated' } },
  ]);
  expect(findings[0]).toMatchObject({
    failure: { message: expect.stringContaining('end of test') as unknown },
  });
});

test('a run that waits for approval: explain shows the commands that answer', async ({
  environment: { writeCsv, client, newId },
  worker: _worker,
  startRun,
  explained,
}) => {
  await writeCsv('films.csv', [HEADER, ...FILMS].join('\n'));
  const run = await startRun({
    dataset: { path: 'films.csv' },
    promotion: { model: newId(), approval: 'manual' },
  });

  const finding = await pollUntil('the run to ask', async () =>
    (await explained(run.workflowId)).findings.find(({ kind }) => kind === 'needs attention'),
  );
  expect(finding).toMatchObject({
    workflowId: run.workflowId,
    commands: [`yes: imdb approve ${run.workflowId}`, `no:  imdb reject ${run.workflowId}`],
  });
  await client.workflow.getHandle(run.workflowId).executeUpdate('approve');
  expect(await run.result()).toMatchObject({ rows: { kept: 60 } });
});
