import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { type HistoryEvent, readEvents } from '../../../src/cli/shared/history.ts';
import { microBatchWorkflowId, streamWorkflowId, workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { environmentWith, PROGRAM } from '../../support/command/program.ts';
import { test, type TestEnvironment } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

interface LogLine {
  readonly msg: string;
  readonly pid: number;
  readonly process?: number;
}

/** `imdb worker` with two processes, and what it logs. */
async function startTwo({ env }: TestEnvironment) {
  const parent = spawn(process.execPath, [...PROGRAM, 'worker', '--processes=2'], {
    cwd: ROOT,
    env: environmentWith(env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  parent.stderr.on('data', (data: Buffer) => (log += data.toString()));
  onTestFinished(() => void parent.kill('SIGKILL'));
  const starts = (): LogLine[] =>
    log
      .split('\n')
      .filter((line) => line.includes('"worker started"'))
      .map((line) => JSON.parse(line) as LogLine);
  const untilStarts = (count: number) =>
    pollUntil(`${count} processes to start`, async () => starts().length >= count && starts());
  await untilStarts(2);
  return { parent, untilStarts };
}

/** Which processes scheduled the activities of a history, and which ones ran them. */
function processesOf(events: readonly HistoryEvent[]) {
  const find = (id: unknown) => events.find(({ eventId }) => String(eventId) === String(id));
  const asked: unknown[] = [];
  const ran: unknown[] = [];
  for (const { activityTaskStartedEventAttributes: started } of events) {
    if (!started) continue;
    const scheduled = find(started.scheduledEventId)?.activityTaskScheduledEventAttributes;
    const completed = find(scheduled?.workflowTaskCompletedEventId)?.workflowTaskCompletedEventAttributes;
    asked.push(completed?.identity);
    ran.push(started.identity);
  }
  return { asked, ran };
}

/** Linux: no process but zombies has it. */
async function isGone(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tZ');
  return /^State:\s+Z/m.test(status);
}

test('a killed process of a worker is replaced in its role, and the run completes', async ({
  environment,
}) => {
  const { client, config, newId, newTopic } = environment;
  const { parent, untilStarts } = await startTwo(environment);
  const [first] = (await untilStarts(2)).filter(({ process: number }) => number === 1);

  process.kill(first?.pid ?? 0, 'SIGKILL');

  const starts = await untilStarts(3);
  expect(starts.map(({ process: number }) => number).sort()).toEqual([1, 1, 2]);
  // Only the first process trains.
  const result = (await client.workflow.execute(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [{ topic: newTopic(), forest: { trees: 3 } }],
  })) as PipelineResult;
  expect(result.predicted).toBe(result.rows.stream);

  parent.kill('SIGTERM');
  const [code] = (await once(parent, 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(await Promise.all(starts.map(({ pid }) => isGone(pid)))).toEqual([true, true, true]);
});

test('each activity of a micro-batch is run by the process that asked for it', async ({ environment }) => {
  const { client, config, newId, newTopic } = environment;
  const { parent } = await startTwo(environment);
  const workflowId = newId();
  const { batches } = (await client.workflow.execute(workflowType.ratingPipeline, {
    workflowId,
    taskQueue: config.taskQueue,
    args: [{ topic: newTopic(), forest: { trees: 3 } }],
  })) as PipelineResult;

  for (let batch = 0; batch < batches; batch += 1) {
    const id = microBatchWorkflowId(streamWorkflowId(workflowId), batch);
    const { asked, ran } = processesOf(await readEvents(client.workflow.getHandle(id)));
    expect(asked).toHaveLength(3);
    expect(ran).toEqual(asked);
  }
  parent.kill('SIGTERM');
  await once(parent, 'exit');
});

test.skipIf(process.platform !== 'linux')(
  'the processes of a worker end when its command is killed',
  async ({ environment }) => {
    const { parent, untilStarts } = await startTwo(environment);
    const starts = await untilStarts(2);

    parent.kill('SIGKILL');

    await pollUntil('the processes to end', async () => {
      const gone = await Promise.all(starts.map(({ pid }) => isGone(pid)));
      return gone.every(Boolean);
    });
  },
);
