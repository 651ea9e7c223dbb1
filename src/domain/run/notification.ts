/** What somebody outside may want to hear of. */
export type NotificationType = 'run.failed' | 'run.needs-attention' | 'model.promoted';

export interface Notification {
  readonly type: NotificationType;
  /** The same for every attempt to tell the same: receivers drop repetitions by it. */
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly workflowId: string;
  readonly runId: string;
  /** One sentence for people. */
  readonly message: string;
  /** Numbers and names for programs. */
  readonly facts: Readonly<Record<string, string | number | null>>;
}
