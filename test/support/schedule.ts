import { ScheduleOverlapPolicy, type Client, type ScheduleHandle } from '@temporalio/client';
import { onTestFinished } from 'vitest';
import { toScheduleDefinition } from '../../src/cli/schedules/definition.ts';
import { parseSchedulePlan, type SchedulePlan } from '../../src/cli/schedules/plan.ts';
import type { TestEnvironment } from './environment.ts';

/** Creates a schedule as `imdb schedule apply` does, and deletes it with the test. */
export async function createSchedule(
  { client, config: { taskQueue }, newId }: TestEnvironment,
  given: Readonly<Record<string, unknown>>,
): Promise<{ readonly handle: ScheduleHandle; readonly plan: SchedulePlan }> {
  const scheduleId = newId();
  const plan = parseSchedulePlan(given);
  const definition = toScheduleDefinition(scheduleId, taskQueue, plan);
  const handle = await client.schedule.create({ ...definition, scheduleId });
  onTestFinished(() => handle.delete().catch(() => undefined));
  return { handle, plan };
}

export async function triggerWithSkip(handle: ScheduleHandle): Promise<void> {
  await handle.trigger(ScheduleOverlapPolicy.SKIP);
}

/** Ids of the workflows that a schedule has started, oldest first. */
export async function startedBy(handle: ScheduleHandle): Promise<string[]> {
  const { info } = await handle.describe();
  return info.recentActions.map(({ action }) => action.workflow.workflowId);
}

/** The result or the error of a run, once it has ended. */
export async function endOf(client: Client, workflowId: string): Promise<unknown> {
  return client.workflow
    .getHandle(workflowId)
    .result()
    .catch((error: unknown) => error);
}
