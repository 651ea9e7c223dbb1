import type { WorkflowHandle } from '@temporalio/client';
import { stepOfCall, type PipelineStep } from '../../domain/run/steps.ts';
import { timeOf } from './time-text.ts';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** An activity or a child workflow, as a history shows its beginning. */
export interface StartedWork {
  readonly name: string;
  /** Of a run: the step that it belongs to. */
  readonly step: PipelineStep | undefined;
  readonly activityId: string | undefined;
  readonly childId: string | undefined;
  /** ISO 8601 */
  readonly at: string;
  readonly taskQueue: string | undefined;
  /** The `WorkflowTaskCompleted` directly before it: a reset to this event repeats it. */
  readonly resetEventId: number;
  /** Of an activity that has ended; 0 before. */
  readonly attempts: number;
}

export async function readEvents(handle: WorkflowHandle): Promise<readonly HistoryEvent[]> {
  return (await handle.fetchHistory()).events ?? [];
}

/** Everything that a workflow has begun, in order. */
export function startedWork(events: readonly HistoryEvent[]): StartedWork[] {
  const begun: StartedWork[] = [];
  for (const event of events) {
    const activity = event.activityTaskScheduledEventAttributes;
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes;
    const name = activity?.activityType?.name ?? child?.workflowType?.name;
    if (!name) continue;
    const earlierCalls = begun.filter((earlier) => earlier.name === name).length;
    begun.push({
      name,
      step: stepOfCall(name, earlierCalls),
      activityId: activity?.activityId ?? undefined,
      childId: child?.workflowId ?? undefined,
      at: timeOf(event.eventTime) ?? '',
      taskQueue: activity?.taskQueue?.name ?? undefined,
      resetEventId: Number((activity ?? child)?.workflowTaskCompletedEventId ?? 0),
      attempts: activity ? attemptsOf(events, event) : 0,
    });
  }
  return begun;
}

function attemptsOf(events: readonly HistoryEvent[], scheduled: HistoryEvent): number {
  const id = String(scheduled.eventId);
  const started = events.find(
    ({ activityTaskStartedEventAttributes: of }) => of && String(of.scheduledEventId) === id,
  );
  return started?.activityTaskStartedEventAttributes?.attempt ?? 0;
}
