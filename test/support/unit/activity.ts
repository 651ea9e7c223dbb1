import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** One attempt of an activity, as a worker would make it; failures are not logged. */
export async function runActivity<Input, Result>(
  activity: (input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> {
  const logger = new DefaultLogger('ERROR', () => undefined);
  return new MockActivityEnvironment(undefined, { logger }).run(activity, input);
}
