import type { InjectedSinks } from '@temporalio/worker';
import type { TraceSinks } from '../activities/run/traces.ts';
import type { Tracing } from '../adapters/otel/tracing.ts';
import type { Measure, MetricSinks } from '../domain/metrics.ts';

/** What workflows hand to their worker. */
export function sinksOf(
  measure: Measure,
  tracing: Tracing | undefined,
): InjectedSinks<MetricSinks & TraceSinks> {
  return {
    traces: {
      ended: {
        fn(_info, span) {
          tracing?.workflowEnded(span);
        },
      },
    },
    metrics: {
      measure: {
        fn(_info, ...measured) {
          measure(...measured);
        },
      },
    },
  };
}
