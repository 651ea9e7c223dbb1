import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { memoryLimit } from '../../../src/worker/memory-limit.ts';
import {
  ALONE,
  defaultProcesses,
  scoringThreads,
  trainingMemory,
  trainsIn,
} from '../../../src/worker/process-place.ts';

test('the processes of a worker use as many threads for scoring as one alone', () => {
  const threads = [1, 2, 3, 8].map((processes) => scoringThreads(8, { number: 1, processes }));
  expect(threads).toEqual([8, 4, 2, 1]);
  expect(scoringThreads(2, { number: 3, processes: 4 })).toBe(1);
});

test('one process of a worker takes trainings, and leaves memory to the others', () => {
  expect([1, 2, 3].map((number) => trainsIn({ number, processes: 3 }))).toEqual([true, false, false]);
  expect(trainingMemory(ALONE)).toBe(memoryLimit());
  expect(trainingMemory({ number: 1, processes: 2 })).toBeLessThan(memoryLimit());
});

test('there is a process for each core, and no more than memory for them', () => {
  expect(defaultProcesses()).toBeGreaterThanOrEqual(1);
  expect(defaultProcesses()).toBeLessThanOrEqual(availableParallelism());
});
