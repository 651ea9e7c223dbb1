import { expect, test } from 'vitest';
import { ADVISED_TYPES, adviceOn, isRetried, runbookAnchor } from '../../../../src/domain/run/advice.ts';
import * as errors from '../../../../src/domain/errors.ts';

const { NON_RETRYABLE, PipelineError: _base, ...CLASSES } = errors;

test('there is advice on every way a step can fail', () => {
  expect(ADVISED_TYPES).toEqual(expect.arrayContaining(Object.keys(CLASSES)));
});

test.for(ADVISED_TYPES)('the advice on %s says what it means, what to do, and which remedy helps', (type) => {
  const { meaning, whatToDo, recoveries } = adviceOn(type);

  expect(meaning).toMatch(/^[a-zA-Z]/);
  expect(whatToDo).toMatch(/\.$/);
  expect(recoveries.length).toBeGreaterThan(0);
});

test('the advice on a failure that is not retried names no retry', () => {
  for (const type of NON_RETRYABLE) expect(adviceOn(type).recoveries).not.toContain('retry');
  expect(NON_RETRYABLE.map(isRetried)).toEqual(NON_RETRYABLE.map(() => false));
});

test('the runbook is linked by lower-case type; an unknown type gets advice on bugs', () => {
  expect(runbookAnchor('BrokerError')).toBe('docs/runbook.md#brokererror');
  expect(adviceOn('TypeError')).toBe(adviceOn('Error'));
  expect(runbookAnchor('TypeError')).toBe('docs/runbook.md#error');
  expect(isRetried('TypeError')).toBe(true);
  expect(adviceOn('toString')).toBe(adviceOn('Error'));
});
