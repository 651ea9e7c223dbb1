import { type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { describeCallProblem, queryProgress } from '../../../../src/cli/shared/client.ts';
import { fakeClient, grpcError } from '../../../support/unit/temporal-client.ts';

function failingQuery(error: Error) {
  return queryProgress(fakeClient, { query: () => Promise.reject(error) } as unknown as WorkflowHandle);
}

describe('a query that is not answered', () => {
  test.for([
    [grpcError(4, 'DEADLINE_EXCEEDED'), 'no worker'],
    [grpcError(9, 'FAILED_PRECONDITION'), 'no worker'],
  ] as const)('%s means: %s', async ([error, answer]) => {
    expect(await failingQuery(error)).toBe(answer);
  });

  test.for([
    grpcError(7, 'PERMISSION_DENIED'),
    grpcError(16, 'UNAUTHENTICATED'),
    grpcError(14, 'UNAVAILABLE'),
    new WorkflowNotFoundError('gone', 'nightly', undefined),
  ])('%s is not mistaken for a missing worker', async (error) => {
    await expect(failingQuery(error)).rejects.toBe(error);
  });
});

test('a refused and a lost connection are distinguished, with code and details', () => {
  expect(describeCallProblem(grpcError(7, 'PERMISSION_DENIED'))).toBe(
    'no permission: Failed to query Workflow: 7 PERMISSION_DENIED: because. ' +
      'Check TEMPORAL_NAMESPACE, and the API key or certificate',
  );
  expect(describeCallProblem(grpcError(14, 'UNAVAILABLE'))).toBe(
    'connection to the Temporal server lost: Failed to query Workflow: 14 UNAVAILABLE: because',
  );
  expect(describeCallProblem(new Error('14 UNAVAILABLE'))).toBeUndefined();
});
