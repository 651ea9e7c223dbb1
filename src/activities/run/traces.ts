/** One execution of a workflow, as a span of W3C's trace context. */
export interface WorkflowSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly workflowId: string;
  readonly runId: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Why it failed; null if it did not. */
  readonly failure: string | null;
}

/** The way out of a workflow. */
export type TraceSinks = Record<'traces', Record<'ended', (span: WorkflowSpan) => void>>;
