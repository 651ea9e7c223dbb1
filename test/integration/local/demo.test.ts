import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { imdb } from '../../support/command/imdb-command.ts';

/** CI runs this file a second time, on Node 24. */
test('imdb demo --json runs the pipeline on real films and ends with one JSON object', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'imdb-demo-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_UI_URL: inject('temporalUiUrl'),
    ...inject('kafkaEnv'),
    ARTIFACT_STORE: join(directory, 'artifacts'),
    REPORT_PORT: 'off',
    TASK_QUEUE: `demo-${process.pid}`,
  };

  const { exitCode, stdout, stderr } = await imdb(['demo', '--json', '--set', 'forest.trees=2'], env);

  expect(exitCode, stderr).toBe(0);
  for (const step of ['load', 'split', 'train', 'score stream', 'reconcile']) {
    expect(stderr).toMatch(new RegExp(`^✔ ${step} +.*\\(\\d+\\.\\d s\\)$`, 'm'));
  }
  expect(stderr).toMatch(/title +│ actual │ predicted/);
  const number = expect.any(Number) as unknown;
  const numbers = { rmse: number, mae: number, r2: number };
  const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/) as unknown;
  const result = JSON.parse(stdout.split('\n').at(-1) ?? '') as Record<string, Record<string, number>>;
  expect(result).toMatchObject({
    workflowId: expect.stringMatching(/^demo-/) as unknown,
    rows: { loaded: 3_201 },
    deadLettered: 0,
    metrics: { batch: numbers, stream: numbers },
    model: { version: expect.any(String) as unknown, sha256, features: expect.any(Array) as unknown },
    splitSha256: sha256,
    predictionsSha256: sha256,
    uiUrl: expect.stringContaining(env.TEMPORAL_UI_URL) as unknown,
  });
  const { rows, published, consumed, predicted, seconds } = result;
  expect(rows?.['kept']).toBeGreaterThan(2_000);
  expect(published).toEqual({ batch: rows?.['batch'], stream: rows?.['stream'] });
  expect(consumed).toEqual(published);
  expect(predicted).toBe(rows?.['stream']);
  expect(Object.keys(seconds ?? {})).toHaveLength(11);
});
