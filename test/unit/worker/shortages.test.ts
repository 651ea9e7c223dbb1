import { expect, test } from 'vitest';
import { findShortages } from '../../../src/worker/shortages.ts';

const ALL = { roles: ['workflows', 'data', 'training', 'scoring'], forestThreads: 4 } as const;

test('a worker that is short of memory or cores says which setting to change', () => {
  expect(findShortages(ALL, 3, { cores: 2, memoryBytes: 1.5e9 })).toEqual([
    'memory is short: 3 processes need 3.0 GB, and the worker may use 1.5 GB, three quarters of its machine or ' +
      'container; set fewer WORKER_PROCESSES, or give it more',
    'cores are short: FOREST_THREADS is 4, and this process may use 2; set FOREST_THREADS=2, or give it more',
  ]);
  expect(findShortages(ALL, 1, { cores: 4, memoryBytes: 4e8 })).toEqual([
    'memory is short: 1 process needs 1.0 GB, and the worker may use 0.4 GB, three quarters of its machine or ' +
      'container; give it more',
  ]);
});

test('a worker that has enough, or takes workflows alone, is short of nothing', () => {
  expect(findShortages(ALL, 3, { cores: 4, memoryBytes: 3e9 })).toEqual([]);
  expect(findShortages({ ...ALL, roles: ['workflows'] }, 1, { cores: 1, memoryBytes: 1e8 })).toEqual([]);
  expect(findShortages({ ...ALL, roles: ['data'] }, 1, { cores: 1, memoryBytes: 1e9 })).toEqual([]);
});
