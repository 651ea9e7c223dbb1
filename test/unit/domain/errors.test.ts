import { expect, test } from 'vitest';
import * as errors from '../../../src/domain/errors.ts';

const { NON_RETRYABLE, PipelineError, ...CLASSES } = errors;

test.for(Object.entries(CLASSES))(
  '%s has the name of its class, which Temporal shows and the policy uses',
  ([name, Class]) => {
    const error = new Class({ what: 'it failed' });

    expect(error).toBeInstanceOf(PipelineError);
    expect([error.name, Class.name]).toEqual([name, name]);
  },
);

test('every failure type that is not retried is a class that exists', () => {
  expect(Object.keys(CLASSES)).toEqual(expect.arrayContaining([...NON_RETRYABLE]));
  expect(new Set(NON_RETRYABLE).size).toBe(NON_RETRYABLE.length);
});

test('failures of servers and disks are retried', () => {
  for (const retried of ['BrokerError', 'ArtifactStoreError', 'TrainingError']) {
    expect(Object.keys(CLASSES)).toContain(retried);
    expect(NON_RETRYABLE).not.toContain(retried);
  }
});

test.for<[errors.ErrorFacts, string]>([
  [{ what: 'cannot read' }, 'cannot read'],
  [{ what: 'cannot read', where: 'a1[0]@17' }, 'cannot read [a1[0]@17]'],
  [{ what: 'cannot read', expected: '7 rows', got: '6' }, 'cannot read: expected 7 rows, got 6'],
  [{ what: 'cannot read', got: '6 rows' }, 'cannot read: got 6 rows'],
  [{ what: 'cannot read', hint: 'Try again' }, 'cannot read. Try again'],
  [
    { what: 'cannot read', where: 'a1', expected: '7 rows', got: '6', hint: 'Try again' },
    'cannot read [a1]: expected 7 rows, got 6. Try again',
  ],
])('the message of %j says what, where, expected, got and what to do', ([facts, message]) => {
  expect(new errors.DatasetError(facts).message).toBe(message);
});

test('the cause is kept, and the facts without it', () => {
  const cause = new Error('disk');
  const error = new errors.ArtifactStoreError({ what: 'cannot read', where: 'a', cause });

  expect(error.cause).toBe(cause);
  expect(error.facts).toEqual({ what: 'cannot read', where: 'a' });
  expect('cause' in new errors.ArtifactStoreError({ what: 'cannot read' })).toBe(false);
});
