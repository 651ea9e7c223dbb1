import type { WorkflowHandle } from '@temporalio/client';
import { type PipelineStep, stepOfCall } from '../../domain/run/steps.ts';
import { timeOf } from './text.ts';

export type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** An activity or a child workflow that a history shows as started. */
export interface StartedWork {
  readonly name: string;
  /** Of a run: the step that it belongs to. */
  readonly step: PipelineStep | undefined;
  readonly activityId: string | undefined;
  readonly childId: string | undefined;
  /** ISO 8601 */
  readonly at: string;
  readonly taskQueue: string | undefined;
  /** The `WorkflowTaskCompleted` before it: a reset to this event repeats it. */
  readonly resetEventId: number;
  /** Of an activity that has ended; 0 before. */
  readonly attempts: number;
}

export async function readEvents(handle: WorkflowHandle): Promise<readonly HistoryEvent[]> {
  return (await handle.fetchHistory()).events ?? [];
}

/** In the order of the history. */
export function startedWork(events: readonly HistoryEvent[]): StartedWork[] {
  const started: StartedWork[] = [];
  for (const event of events) {
    const activity = event.activityTaskScheduledEventAttributes;
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes;
    const name = activity?.activityType?.name ?? child?.workflowType?.name;
    if (!name) continue;
    const earlierCalls = started.filter((earlier) => earlier.name === name).length;
    started.push({
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
  return started;
}

function attemptsOf(events: readonly HistoryEvent[], scheduled: HistoryEvent): number {
  const id = String(scheduled.eventId);
  const started = events.find(
    ({ activityTaskStartedEventAttributes: of }) => of && String(of.scheduledEventId) === id,
  );
  return started?.activityTaskStartedEventAttributes?.attempt ?? 0;
}
