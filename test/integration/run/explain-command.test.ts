import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { streamWorkflowId } from '../../../src/domain/names.ts';
import { imdb, jsonOf } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { test } from '../../support/stream.ts';

test('imdb explain --json names the missing topic of a stream', async ({
  environment: { env, newTopic },
  startStream,
}) => {
  const id = randomUUID();
  const topic = newTopic();
  const stream = await startStream(id, { topic });
  await pollUntil('the missing topic to be noticed', async () => {
    const { raw, status } = await stream.describe();
    return status.name !== 'RUNNING' || raw.pendingActivities?.some(({ lastFailure }) => lastFailure);
  });

  const explained = await imdb(['explain', id, '--json'], env);
  expect(explained.exitCode, explained.stderr).toBe(0);
  expect(jsonOf(explained)).toMatchObject({ workflowId: id, workflowType: 'scoreStream' });
  expect(explained.stderr).toContain(`place     ${topic}`);
});

test('imdb explain of an unknown id ends with exit code 2', async ({ environment: { env } }) => {
  const { exitCode, stderr } = await imdb(['explain', 'unknown-id'], env);

  expect(exitCode).toBe(2);
  expect(stderr).toContain('no run, stream or micro-batch "unknown-id"');
});

test('imdb open prints the pages of a run and its stream, and no browser without a tty', async ({
  environment: { env },
  trained: { run },
}) => {
  const [id = ''] = run.split('/');
  const { exitCode, stdout } = await imdb(['open', id], env);

  expect(exitCode).toBe(0);
  const page = `${env['TEMPORAL_UI_URL']}/namespaces/default/workflows/`;
  expect(stdout.split('\n')[0]).toMatch(new RegExp(`^${id} +${page}${id}/`));
  expect(stdout).toContain(page + encodeURIComponent(streamWorkflowId(id)));
  expect(stdout).toContain(`imdb report ${id}`);
  expect(stdout).toContain(`start-workflow?taskQueue=${env['TASK_QUEUE']}&workflowType=scoreStream`);
});

test('imdb open --runs prints the list of runs alone, and needs no server', async ({
  environment: { env },
}) => {
  const { exitCode, stdout } = await imdb(['open', '--runs'], { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' });

  expect(exitCode).toBe(0);
  expect(stdout).toBe(
    `only runs  ${env['TEMPORAL_UI_URL']}/namespaces/default/workflows?query=WorkflowType%3D%22ratingPipeline%22`,
  );
});
