/** Events that are sent to the receiver at NOTIFY_WEBHOOK. */
export type NotificationType = 'run.failed' | 'run.needs-attention' | 'model.promoted';

export interface Notification {
  readonly type: NotificationType;
  /** The same for every attempt, so that receivers can drop duplicates. */
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly workflowId: string;
  readonly runId: string;
  /** One sentence for operators. */
  readonly message: string;
  /** Numbers and names for programs. */
  readonly facts: Readonly<Record<string, string | number | null>>;
}
