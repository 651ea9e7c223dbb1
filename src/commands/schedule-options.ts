import { ScheduleOverlapPolicy, type CalendarSpec, type ScheduleOptions } from '@temporalio/client';
import { workflowType } from '../domain/names.ts';
import type { SchedulePlan } from './schedule-plan.ts';

/** What a plan is to Temporal, its state left aside. */
export type ScheduleDefinition = Pick<ScheduleOptions, 'spec' | 'action'> & {
  readonly policies: Required<NonNullable<ScheduleOptions['policies']>>;
};

export function toScheduleDefinition(
  scheduleId: string,
  taskQueue: string,
  plan: SchedulePlan,
): ScheduleDefinition {
  const { at, timezone, jitter, catchupWindow, input } = plan;
  return {
    spec: { calendars: at.map((time) => toCalendar(time, plan)), timezone, jitter },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow, pauseOnFailure: true },
    action: {
      type: 'startWorkflow',
      workflowType: workflowType.ratingPipeline,
      // Temporal adds the time that the run was meant for.
      workflowId: scheduleId,
      taskQueue,
      args: [input],
      staticSummary: toSummary(plan),
      staticDetails: toDetails(plan),
    },
  };
}

/** Bounded: a summary of more than 400 bytes is refused. */
export function toSummary({ effectiveInput: { dataset } }: SchedulePlan): string {
  return `retrain on ${dataset.path.slice(0, 100)}`;
}

export function toDetails({ effectiveInput }: SchedulePlan): string {
  const json = JSON.stringify(effectiveInput, undefined, 2);
  return `Input, with the defaults of when the schedule was applied:\n\n\`\`\`json\n${json}\n\`\`\``;
}

function toCalendar(time: string, { days }: SchedulePlan): CalendarSpec {
  const [hour, minute] = time.split(':').map(Number);
  return {
    hour: hour as number,
    minute: minute as number,
    ...(days && { dayOfWeek: days.map((day) => day.toUpperCase() as Uppercase<typeof day>) }),
  };
}
