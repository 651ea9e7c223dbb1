import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  ContinueAsNew,
  proxySinks,
  workflowInfo,
  type WorkflowExecuteInput,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import type { TraceSinks, WorkflowSpan } from '../activities/run/traces.ts';
import { ownState } from './own-state.ts';

/** As the SDK's own interceptors call it, which clients and activities use. */
const HEADER = '_tracer-data';

const { traces } = proxySinks<TraceSinks>();

interface Trace {
  current?: Pick<WorkflowSpan, 'traceId' | 'spanId' | 'parentSpanId'>;
}

const trace = ownState((): Trace => ({}));

/** Traces this workflow from now on, unless a client or parent traces it already. */
export function beginTrace(): void {
  trace().current ??= { traceId: idOf().traceId, spanId: idOf().spanId, parentSpanId: undefined };
}

/** A run id has as many digits as a trace id, and its second half is random. */
function idOf(): { readonly traceId: string; readonly spanId: string } {
  const digits = workflowInfo().runId.replaceAll('-', '');
  return { traceId: digits, spanId: digits.slice(16) };
}

/**
 * The SDK's own interceptors for workflows delay what a workflow awaits, so turning traces on would break the replay of
 * runs in progress. These pass promises unchanged, and only add headers.
 */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute(input, next) {
        joinTrace(input);
        const result = next(input);
        result.then(
          () => {
            end(null);
          },
          (error: unknown) => {
            end(error instanceof ContinueAsNew ? null : String(error));
          },
        );
        return result;
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => next(withTrace(input)),
      scheduleLocalActivity: (input, next) => next(withTrace(input)),
      startChildWorkflowExecution: (input, next) => next(withTrace(input)),
    },
  ],
});

function joinTrace({ headers }: WorkflowExecuteInput): void {
  const payload = headers[HEADER];
  if (!payload) return;
  const { traceparent = '' } = defaultPayloadConverter.fromPayload<{ readonly traceparent?: string }>(
    payload,
  );
  const [, traceId, parentSpanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(traceparent) ?? [];
  if (traceId !== undefined) trace().current = { traceId, spanId: idOf().spanId, parentSpanId };
}

function withTrace<Input extends { readonly headers: Headers }>(input: Input): Input {
  const { current } = trace();
  if (!current) return input;
  const traceparent = `00-${current.traceId}-${current.spanId}-01`;
  return {
    ...input,
    headers: { ...input.headers, [HEADER]: defaultPayloadConverter.toPayload({ traceparent }) },
  };
}

function end(failure: string | null): void {
  const { workflowId, runId, workflowType, startTime, unsafe } = workflowInfo();
  const { current } = trace();
  if (!current || unsafe.isReplaying) return;
  traces.ended({
    ...current,
    name: `RunWorkflow:${workflowType}`,
    workflowId,
    runId,
    startMs: startTime.getTime(),
    endMs: Date.now(),
    failure,
  });
}
