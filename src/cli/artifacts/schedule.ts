import { GC_SCHEDULE_ID, workflowType } from '../../domain/names.ts';
import { applyPlan } from '../schedules/apply.ts';
import { toScheduleDefinition } from '../schedules/definition.ts';
import { readSchedulePlan } from '../schedules/plan.ts';

export interface GcScheduleOptions {
  readonly keepDays: number;
  readonly at: readonly string[];
  readonly timezone?: string;
  readonly dryRun?: true;
}

/** `imdb schedule … --id artifacts-gc` shows, pauses, triggers and deletes it. */
export async function scheduleGarbageCollection(options: GcScheduleOptions): Promise<void> {
  const { keepDays, dryRun, ...times } = options;
  const plan = await readSchedulePlan({ ...times, set: [] });
  await applyPlan({ id: GC_SCHEDULE_ID, ...(dryRun && { dryRun }) }, plan, (taskQueue) => {
    const { policies, action, ...definition } = toScheduleDefinition(GC_SCHEDULE_ID, taskQueue, plan);
    return {
      ...definition,
      // The next night removes what this one could not.
      policies: { ...policies, pauseOnFailure: false },
      action: { ...action, workflowType: workflowType.artifactsGc, args: [{ keepDays }] },
    };
  });
}
