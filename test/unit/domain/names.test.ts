import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  batchName,
  batchOf,
  microBatchPublication,
  microBatchWorkflowId,
  recordKey,
  partsOfRunName,
  runName,
  splitPublication,
  streamWorkflowId,
} from '../../../src/domain/names.ts';
import {
  parseRoles,
  roleOfQueue,
  ROLES,
  TASKS_OF,
  taskQueueOf,
  workerTaskQueue,
} from '../../../src/domain/roles.ts';

test('micro-batches sort by number, in the UI and in the artifact store', () => {
  fc.assert(
    fc.property(fc.nat(999_999), fc.nat(999_999), (a, b) => {
      expect(batchName(a) < batchName(b)).toBe(a < b);
    }),
  );
  expect(microBatchWorkflowId(streamWorkflowId('nightly'), 7)).toBe('nightly/stream/batch-000007');
});

test('the name of a run gives its workflow id and run id back', () => {
  fc.assert(
    fc.property(fc.string(), fc.uuid(), (workflowId, runId) => {
      expect(partsOfRunName(runName(workflowId, runId))).toEqual({ workflowId, runId });
    }),
  );
});

test('no two publications of a run share a marker, and no two runs share anything', () => {
  const names = ['nightly/1', 'nightly/2'].flatMap((run) => [
    splitPublication(run, 'batch'),
    splitPublication(run, 'stream'),
    microBatchPublication(run, 0, 0),
    microBatchPublication(run, 1, 1),
  ]);

  expect(new Set(names.map(({ markerGroup }) => markerGroup)).size).toBe(names.length);
  expect(new Set(names.map(({ transactionalId }) => transactionalId)).size).toBe(names.length);
});

test('batches of a lane share a transactional id, each with a marker of its own', () => {
  const [first, next] = [microBatchPublication('nightly/1', 2, 2), microBatchPublication('nightly/1', 2, 6)];

  expect(next.transactionalId).toBe(first.transactionalId);
  expect(next.markerGroup).not.toBe(first.markerGroup);
});

test('a second start of the same workflow id is another run', () => {
  expect(runName('nightly', 'b')).not.toBe(runName('nightly', 'a'));
  expect(recordKey(runName('nightly', 'a'), 'stream', 7)).toBe('nightly/a/stream/7');
});

test('a batch is found by its name, in a workflow id and in an artifact', () => {
  expect(batchOf(batchName(7))).toBe(7);
  expect(batchOf(`${batchName(1_234_567)}-rows-0123456789ab.json`)).toBe(1_234_567);
  for (const other of ['batch-012345678901.json', 'batch-consumed-0123456789ab.json', 'stream']) {
    expect(batchOf(other)).toBeUndefined();
  }
});

test('a task queue tells the role of its tasks and the TASK_QUEUE of its workers', () => {
  for (const role of ROLES) {
    const taskQueue = taskQueueOf(role, 'imdb');
    for (const kind of TASKS_OF[role]) expect(roleOfQueue(taskQueue, kind)).toBe(role);
    expect(workerTaskQueue(taskQueue)).toBe('imdb');
  }
});

test('roles are read from a list, each once, and only those that there are', () => {
  expect(parseRoles('scoring, data,data')).toEqual(['data', 'scoring']);
  for (const wrong of ['', 'data,', 'Data', 'all']) expect(parseRoles(wrong)).toBeUndefined();
});
