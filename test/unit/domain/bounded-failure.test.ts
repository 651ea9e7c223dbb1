import { describe, expect, test } from 'vitest';
import { boundFailure, MAX_FAILURE_BYTES, type FailureLevel } from '../../../src/domain/bounded-failure.ts';
import { cutText } from '../../../src/domain/text.ts';
import { BrokerError } from '../../../src/domain/errors.ts';
import { createRedactor, type Redact } from '../../../src/domain/redaction.ts';
import { nestedBrokerError } from '../../support/trouble/nested-error.ts';

interface Failure extends FailureLevel {
  readonly cause: Failure | undefined;
}

function bound(error: unknown, redact?: Redact): Failure {
  return boundFailure<Failure>(error, (level, cause) => ({ ...level, cause }), redact);
}

function bytesOf(failure: Failure): number {
  const { cause, message, stack, type, details } = failure;
  const own = Buffer.byteLength(message + stack + type + JSON.stringify(details));
  return own + (cause ? bytesOf(cause) : 0);
}

function rootOf(failure: Failure): Failure {
  return failure.cause ? rootOf(failure.cause) : failure;
}

describe('a failure', () => {
  test('that is small stays as it is', () => {
    const error = nestedBrokerError(0);
    const { cause, ...failure } = bound(error);
    expect(failure).toEqual({
      type: 'BrokerError',
      message: error.message,
      stack: error.stack,
      details: [error.facts],
    });
    expect(cause).toMatchObject({ type: 'KafkaJSConnectionError' });
    expect(cause?.cause).toBeUndefined();
  });

  test('with nested causes keeps type, message, facts and root cause below the limit', () => {
    const error = nestedBrokerError(12);
    const failure = bound(error);
    expect(bytesOf(failure)).toBeLessThan(MAX_FAILURE_BYTES);
    expect(failure).toMatchObject({
      type: 'BrokerError',
      message: error.message,
      details: [error.facts],
      cause: { type: 'KafkaJSNumberOfRetriesExceeded' },
    });
    expect(failure.stack).toMatch(/^\s+at /);
    expect(rootOf(failure)).toMatchObject({
      type: 'KafkaJSConnectionError',
      message: 'Connection error: connect ECONNREFUSED 127.0.0.1:9092',
    });
  });

  test.for([
    ['a long message', new TypeError('x'.repeat(100_000))],
    ['long facts', new BrokerError({ what: 'ü'.repeat(50_000), got: '\u0000'.repeat(50_000) })],
    ['a long root cause', new Error('outer', { cause: new RangeError('y'.repeat(100_000)) })],
    ['a circle of causes', circle()],
    ['no error at all', 'z'.repeat(100_000)],
  ] as const)('with %s stays below the limit', ([, error]) => {
    const failure = bound(error);
    expect(bytesOf(failure)).toBeLessThan(MAX_FAILURE_BYTES);
    expect(failure.type).toBe(error instanceof Error ? error.name : 'Error');
    expect(failure.message.slice(0, 5)).toBe((error instanceof Error ? error.message : error).slice(0, 5));
  });
});

function circle(): Error {
  const [first, second] = [new Error('a'.repeat(100)), new Error('b'.repeat(100))];
  first.cause = second;
  second.cause = first;
  return first;
}

test('a text is cut between characters', () => {
  expect(cutText('ääää', 5)).toBe('ää…');
  expect(cutText('ääää', 8)).toBe('ääää');
});

test.for([1, 990, 5_000])('no part of a secret is left, wherever a failure is cut: %d', (before) => {
  const secret = 'planted-'.repeat(5);
  const text = `${'x'.repeat(before)} ${secret}`;
  const cause = Object.assign(new Error(text), { facts: { what: text, list: [{ text }] } });
  const failure = bound(new BrokerError({ what: text, got: secret, cause }), createRedactor([secret]));

  expect(failure.type).toBe('BrokerError');
  expect(bytesOf(failure)).toBeLessThanOrEqual(MAX_FAILURE_BYTES);
  expect(JSON.stringify(failure)).not.toContain('planted');
});
