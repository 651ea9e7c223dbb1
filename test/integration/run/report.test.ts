import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import getPort from 'get-port';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { FEW_ROWS, test, type TestEnvironment } from '../../support/environment.ts';
import { imdb, jsonOf } from '../../support/command/imdb-command.ts';

const TITLE = '<script>alert(1)</script>';
const FILMS = 120;

/** Every film has the same title, so that every sample shows it. */
function films(): string {
  const rows = Array.from(
    { length: FILMS },
    (_, i) => `${TITLE},${i},${60 + ((i * 7) % 90)},${1 + ((i * 3) % 80) / 10}`,
  );
  return ['movie_title,budget,duration,imdb_score', ...rows].join('\n');
}

/** A worker that serves its reports; other workers of tests do not. */
async function startServingWorker({ env }: TestEnvironment): Promise<Readonly<Record<string, string>>> {
  const serving = { ...env, REPORT_PORT: String(await getPort()) };
  const logger = createLogger({
    level: 'info',
    file: join(env['DATA_DIR'] ?? '', '..', 'report-worker.log'),
  });
  const worker = await startWorker(loadConfig(serving), logger);
  onTestFinished(() => worker.shutdown());
  return serving;
}

async function detailsOf(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

test('the report of a run is served, linked from its details, escaped, found by id', async ({
  environment,
}) => {
  const { client, config, newTopic, newId, writeCsv } = environment;
  const env = await startServingWorker(environment);
  await writeCsv('scripts.csv', films());
  // Characters that a link must escape.
  const workflowId = `${newId()}/ü (50 %)`;
  const input = {
    dataset: { path: 'scripts.csv' },
    quality: FEW_ROWS,
    topic: newTopic(),
    forest: { trees: 3 },
    stream: { microBatchRows: 5 },
  };

  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId,
    taskQueue: config.taskQueue,
    args: [input],
  });
  const { page, run, quality, batches } = (await handle.result()) as PipelineResult;
  const [, link = ''] = /\[report\]\((\S+)\)/.exec(await detailsOf(handle)) ?? [];
  const response = await fetch(link);
  const html = await response.text();

  expect(response.status).toBe(200);
  expect(new TextEncoder().encode(html)).toHaveLength(page.bytes);
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).not.toMatch(/<script/i);
  expect(html).toContain(run);
  expect(quality.learning.at(-1)).toEqual({ trees: 3, rmse: quality.outOfBag?.rmse });
  const [, throughput = ''] = /<section id="throughput"(.*?)<\/section>/s.exec(html) ?? [];
  const [, batchTable = ''] = /<caption>\s*Micro-batches\s*<\/caption>(.*?)<\/table>/s.exec(throughput) ?? [];
  expect(batchTable.match(/<th scope="row"/g)).toHaveLength(batches);

  const shown = await imdb(['report', workflowId, '--json'], env);
  expect(shown.exitCode).toBe(0);
  const { file } = jsonOf(shown) as { readonly file: string };
  expect(jsonOf(shown)).toEqual({ workflowId, file, url: link });
  expect(await readFile(file, 'utf8')).toBe(html);
  const elsewhere = await imdb(['report', workflowId, '--no-open'], environment.env);
  expect(elsewhere.stdout.split('\n')).toEqual([file, 'No worker on this machine serves it.']);

  await environment.files.remove(page.uri);
  const gone = await imdb(['report', workflowId], env);
  expect(gone.exitCode).toBe(2);
  expect(gone.stderr).toMatch(/^imdb: no report of ".*" here: expected the file .*ARTIFACT_STORE.*$/);
});

test('imdb report refuses an unknown, unfinished or other workflow in one line', async ({
  environment: { client, config, env, newId, newTopic },
}) => {
  const running = newId();
  const stream = newId();
  // No worker polls this task queue: both stay as they are.
  const taskQueue = `${config.taskQueue}-without-worker`;
  const handles = [
    await client.workflow.start(workflowType.ratingPipeline, { workflowId: running, taskQueue, args: [] }),
    await client.workflow.start(workflowType.scoreStream, {
      workflowId: stream,
      taskQueue,
      args: [{ topic: newTopic() }],
    }),
  ];
  onTestFinished(async () => {
    await Promise.all(handles.map((handle) => handle.terminate()));
  });

  for (const [id, message] of [
    ['no-such-run', 'no run or stream "no-such-run" in namespace "default"'],
    [running, 'expected a finished run, got one that is running'],
    [stream, 'expected a run of ratingPipeline, got one of scoreStream'],
  ] as const) {
    const { exitCode, stderr } = await imdb(['report', id], env);
    expect(exitCode).toBe(2);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stderr).toContain(message);
  }
});
