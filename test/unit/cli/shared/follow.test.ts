import { type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { UsageError } from '../../../../src/cli/shared/exit.ts';
import { follow, type FollowView } from '../../../../src/cli/shared/follow.ts';
import { fakeClient, grpcError } from '../../../support/unit/temporal-client.ts';

const UI = 'http://ui/nightly';
const progress = { done: 1 };
const never = new Promise<never>(() => undefined);

/** Follows a fake workflow, of which only the result and the progress are read. */
async function followFake(
  result: Promise<unknown>,
  query: () => Promise<typeof progress | 'no worker'>,
  left?: Promise<void>,
) {
  const ends: string[] = [];
  const view: FollowView<typeof progress> = {
    update: () => undefined,
    waitFor: () => undefined,
    end: (outcome) => void ends.push(outcome),
  };
  const handle = { workflowId: 'nightly', result: () => result } as unknown as WorkflowHandle;
  const options = { query, markOf: ({ done }: typeof progress) => String(done), view };
  const outcome = await follow(fakeClient, { handle, url: UI }, { ...options, ...(left && { left }) }).catch(
    (error: unknown) => error,
  );
  return { outcome, ends };
}

test('following ends with the result, after the last progress was shown', async () => {
  const { outcome, ends } = await followFake(Promise.resolve('result'), async () => progress);

  expect({ outcome, ends }).toEqual({ outcome: 'result', ends: ['completed'] });
});

test('following that is left returns no result', async () => {
  const { outcome, ends } = await followFake(never, async () => progress, Promise.resolve());

  expect({ outcome, ends }).toEqual({ outcome: undefined, ends: ['left'] });
});

test.for<[name: string, ofResult: Error | undefined, ofQuery: Error | undefined, message: string]>([
  [
    'a lost connection',
    grpcError(14, 'UNAVAILABLE'),
    grpcError(14, 'UNAVAILABLE'),
    'connection to the Temporal server lost: Failed to query Workflow: 14 UNAVAILABLE: because; nightly is still running – http://ui/nightly',
  ],
  [
    'a missing permission',
    undefined,
    grpcError(7, 'PERMISSION_DENIED'),
    'no permission: Failed to query Workflow: 7 PERMISSION_DENIED: because. Check TEMPORAL_NAMESPACE, and the API key or certificate; nightly is still running',
  ],
  [
    'a deleted workflow',
    new WorkflowNotFoundError('not found', 'nightly', undefined),
    undefined,
    'nightly is gone: it was deleted, or its retention is over – http://ui/nightly',
  ],
])('%s ends following with its own message', async ([, ofResult, ofQuery, message]) => {
  const result = ofResult ? Promise.reject(ofResult) : never;
  const { outcome, ends } = await followFake(result, async () => {
    if (ofQuery) throw ofQuery;
    return 'no worker';
  });

  expect(outcome).toBeInstanceOf(UsageError);
  expect((outcome as Error).message).toContain(message);
  expect(ends).toEqual(['failed']);
});
