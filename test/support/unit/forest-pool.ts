import { onTestFinished, test as base } from 'vitest';
import { createThreadPool, type ThreadPool } from '../../../src/forest/threads/thread-pool.ts';

/** `pool` has one thread, for all tests of a file: from source, a thread takes up to a second to start. */
export const test = base.extend('pool', { scope: 'file' }, async ({}, { onCleanup }) => {
  const pool = createThreadPool(1);
  onCleanup(() => pool.close());
  return pool;
});

/** A pool of the test's own. */
export function openPool(threads: number): ThreadPool {
  const pool = createThreadPool(threads);
  onTestFinished(() => pool.close());
  return pool;
}
