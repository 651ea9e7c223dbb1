import { context, propagation, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { WorkflowSpan } from '../../activities/run/traces.ts';
import type { TraceSettings } from '../../config/trace-settings.ts';
import { createContextManager } from './context-manager.ts';

const SCOPE = { name: 'imdb-temporal' } as const;

export type Tracing = ReturnType<typeof startTracing>;

/** Sends spans to a collector. @param onError is called when it does not take them; work goes on without */
export function startTracing({ url, headers }: TraceSettings, onError: (error: unknown) => void) {
  // Of the process. A second registration changes nothing.
  context.setGlobalContextManager(createContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  setGlobalErrorHandler(onError);
  // The variables OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES replace the name.
  const resource = new Resource({ 'service.name': SCOPE.name }).merge(
    detectResourcesSync({ detectors: [envDetectorSync] }),
  );
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url, headers: { ...headers } }));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  const tracer = provider.getTracer(SCOPE.name);

  const activity: ActivityInterceptorsFactory = (activityContext) => ({
    inbound: new OpenTelemetryActivityInboundInterceptor(activityContext, { tracer }),
  });
  return {
    activity,
    /** Of starts only: a command that waits asks for the state every second. */
    client: startsOf(new OpenTelemetryWorkflowClientInterceptor({ tracer })),
    /** A workflow ends in one process, so it is sent from there, with the ids that its activities know. */
    workflowEnded(span: WorkflowSpan): void {
      processor.onEnd(toReadable(span, resource));
    },
    /** Sends what has ended. */
    close: (): Promise<void> => provider.shutdown().catch(onError),
  };
}

function startsOf(traced: OpenTelemetryWorkflowClientInterceptor): WorkflowClientInterceptor {
  return {
    startWithDetails: (input, next) => traced.startWithDetails(input, next),
  };
}

function toReadable(span: WorkflowSpan, resource: ReadableSpan['resource']): ReadableSpan {
  const { name, traceId, spanId, parentSpanId, workflowId, runId, startMs, endMs, failure } = span;
  const spanContext = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  return {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => spanContext,
    ...(parentSpanId !== undefined && { parentSpanId }),
    startTime: toHrTime(startMs),
    endTime: toHrTime(endMs),
    duration: toHrTime(endMs - startMs),
    status: failure === null ? { code: SpanStatusCode.OK } : { code: SpanStatusCode.ERROR, message: failure },
    attributes: { temporalWorkflowId: workflowId, run_id: runId },
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationLibrary: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function toHrTime(ms: number): [seconds: number, nanoseconds: number] {
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];
}
