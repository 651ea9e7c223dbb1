import { type ScheduleDescription, type ScheduleHandle, ScheduleNotFoundError } from '@temporalio/client';
import { withClient } from '../shared/client.ts';
import { print } from '../shared/output.ts';
import type { ScheduleOption } from './control.ts';
import {
  describeDifference,
  describeTimes,
  findDifferences,
  type ScheduleDefinition,
  toScheduleDefinition,
  viewOfPlan,
  viewOfSchedule,
} from './definition.ts';
import { nextState, readSchedulePlan, type SchedulePlan, type SchedulePlanOptions } from './plan.ts';

export interface ApplyOptions extends SchedulePlanOptions, ScheduleOption {
  readonly dryRun?: true;
}

/**
 * Creates or updates the schedule as the plan says, and shows what that changes.
 *
 * @throws InvalidInput before anything is changed, when the plan or its input is wrong
 */
export async function applySchedule(options: ApplyOptions): Promise<void> {
  const plan = await readSchedulePlan(options);
  await applyPlan(options, plan, (taskQueue) => toScheduleDefinition(options.id, taskQueue, plan));
}

export async function applyPlan(
  { id, dryRun }: Pick<ApplyOptions, 'id' | 'dryRun'>,
  plan: SchedulePlan,
  define: (taskQueue: string) => ScheduleDefinition,
): Promise<void> {
  await withClient(async (client, { taskQueue }) => {
    const handle = client.schedule.getHandle(id);
    const definition = define(taskQueue);
    const existing = await describeIfThere(handle);
    const state = nextState(plan, existing?.state);
    const after = viewOfPlan(plan, definition, state);
    const differences = existing && findDifferences(viewOfSchedule(existing), after);
    const change = !differences ? 'created' : differences.length === 0 ? 'unchanged' : 'updated';

    if (dryRun) print('dry run, nothing is changed:');
    else if (!existing)
      await client.schedule.create({ ...definition, state: toState(state), scheduleId: id });
    else if (change === 'updated') {
      // Read again: an operator or a failed run may have paused it in between.
      await handle.update((current) => ({
        ...definition,
        state: { ...current.state, ...toState(nextState(plan, current.state)) },
      }));
    }
    print(`schedule "${id}" ${change}: ${describeTimes(after)}${state.paused ? ', paused' : ''}`);
    for (const difference of differences ?? []) print(`  ${describeDifference(difference)}`);
  });
}

async function describeIfThere(handle: ScheduleHandle): Promise<ScheduleDescription | undefined> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function toState({ paused, note }: ReturnType<typeof nextState>): { paused: boolean; note: string } {
  return { paused, note: note ?? '' };
}
