import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { failWithFacts } from '../../../../src/adapters/temporal/failures.ts';
import { AccessError, BrokerError } from '../../../../src/domain/errors.ts';

async function failureOf(error: Error): Promise<ApplicationFailure> {
  const context = { cancellationSignal: new AbortController().signal } as unknown as Context;
  const { inbound } = failWithFacts((text) => text)(context);
  const failed = inbound?.execute?.({ args: [], headers: {} }, () => Promise.reject(error));
  return (await failed?.catch((failure: unknown) => failure)) as ApplicationFailure;
}

test('refused access is retried every 30 s, an outage as the policy says', async () => {
  const facts = { what: 'cannot publish', where: 'a1' };

  expect(await failureOf(new AccessError(facts))).toMatchObject({
    type: 'AccessError',
    nonRetryable: false,
    nextRetryDelay: '30 seconds',
  });
  expect((await failureOf(new BrokerError(facts))).nextRetryDelay).toBeUndefined();
});
