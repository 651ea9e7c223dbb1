import { ServiceError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { describeError, UsageError } from '../../../../src/cli/shared/exit.ts';
import { BrokerError } from '../../../../src/domain/errors.ts';

test('an error of a library is shown with its causes', () => {
  const grpc = new Error('3 INVALID_ARGUMENT: WorkflowId is not set on request.');

  expect(describeError(new ServiceError('Failed to describe workflow', { cause: grpc }))).toBe(
    'Failed to describe workflow: 3 INVALID_ARGUMENT: WorkflowId is not set on request.',
  );
});

test('a cause that the message repeats is shown once; our own errors show none', () => {
  const cause = new Error('ECONNREFUSED');

  expect(describeError(new Error('cannot connect: ECONNREFUSED', { cause }))).toBe(
    'cannot connect: ECONNREFUSED',
  );
  expect(describeError(new UsageError('no worker answered', { cause }))).toBe('no worker answered');
  expect(describeError(new BrokerError({ what: 'cannot read a1', cause }))).toBe('cannot read a1');
});

test.for([
  ['text', 'text'],
  [undefined, 'an error without a message'],
  [new Error(''), 'an error without a message'],
  [new Error('', { cause: new Error('inner') }), 'inner'],
])('%o still has a message', ([error, text]) => {
  expect(describeError(error)).toBe(text);
});
