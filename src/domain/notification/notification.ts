/** From workflows to the outbox. */
export const NOTIFICATION_SIGNAL = 'post';

/** Of the workflow that sends the notifications of a task queue. */
export function outboxWorkflowId(taskQueue: string): string {
  return `notifications/${taskQueue}`;
}

/** What NOTIFY_EVENTS chooses from, with the type of the events. */
export const NOTIFICATION_TYPES = {
  failed: 'run.failed',
  'needs-attention': 'run.needs-attention',
  recovered: 'run.recovered',
  promoted: 'model.promoted',
  kept: 'model.kept',
  drift: 'dataset.drifted',
  'no-new-model': 'model.overdue',
} as const;

export type NotificationEvent = keyof typeof NOTIFICATION_TYPES;
export type NotificationType = (typeof NOTIFICATION_TYPES)[NotificationEvent];

export const NOTIFICATION_EVENTS = Object.keys(NOTIFICATION_TYPES) as readonly NotificationEvent[];
/** What somebody has to know or to do; the others tell what happens every night. */
export const DEFAULT_EVENTS = [
  'failed',
  'needs-attention',
  'recovered',
  'promoted',
] as const satisfies NotificationEvent[];

export interface Notification {
  readonly type: NotificationType;
  /** The same for every attempt, so that receivers can drop duplicates. */
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly workflowId: string;
  readonly runId: string;
  /** One sentence for operators, and what to do. */
  readonly message: string;
  /** Numbers and names for programs. */
  readonly facts: Readonly<Record<string, string | number | null>>;
}
