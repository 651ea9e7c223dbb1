import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { writeLargeDataset } from '../../../scripts/write-large-dataset.ts';
import { test } from '../../support/environment.ts';
import { runLarge } from '../../support/size/large-run.ts';

const ROWS = 250_000;
const COLUMNS = ['movie_title', 'title_year', 'num_voted_users', 'gross', 'budget', 'imdb_score'];
/** A worker from source has 0.66 GB before the run, from compiling its workflows. */
const MOST_BYTES = 1.4e9;
/** Half of the heartbeat timeout. */
const MOST_BLOCKED_MS = 5_000;

test('a run on 250,000 rows stays below 1.4 GB and answers throughout', async ({
  environment: { client, env, newId, newTopic },
}) => {
  const directory = await mkdtemp(join(tmpdir(), 'imdb-large-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeLargeDataset(join(env['DATA_DIR'] ?? '', 'large.csv'), {
    rows: ROWS,
    seed: 1,
    columns: COLUMNS,
  });

  const { result, peakBytes, blocked, queries, lostAttempts } = await runLarge({
    client,
    env,
    directory,
    workflowId: newId(),
    settings: [
      `topic=${newTopic()}`,
      'dataset.path=large.csv',
      'dataset.key=movie_title',
      'forest.trees=20',
      'forest.maxDepth=10',
      'stream.microBatchRows=5000',
    ],
  });

  const { loaded, kept, dropped, train, batch, stream } = result.rows;
  expect(loaded).toBe(ROWS);
  expect(kept + dropped).toBe(ROWS);
  expect(train + batch + stream).toBe(kept);
  expect(result.predicted).toBe(stream);
  expect(kept).toBeGreaterThan(ROWS / 2);
  // Not where the system does not say.
  expect(peakBytes ?? 0).toBeLessThan(MOST_BYTES);
  expect(blocked.filter(({ ms }) => ms > MOST_BLOCKED_MS)).toEqual([]);
  expect(queries.answered).toBeGreaterThan(0);
  expect(lostAttempts).toBe(0);
});
