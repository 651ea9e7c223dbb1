import { proxySinks, workflowInfo } from '@temporalio/workflow';
import type { Measure, MetricSinks } from '../domain/metrics.ts';

const { metrics } = proxySinks<MetricSinks>();

/** Measures nothing while a history is replayed. The SDK's meter would add labels in camel case. */
export const measure: Measure = (...measured) => {
  if (!workflowInfo().unsafe.isReplaying) metrics.measure(...measured);
};
