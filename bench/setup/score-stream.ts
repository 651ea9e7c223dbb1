import { workflowType } from '../../src/domain/names.ts';
import type { ContinuousResult } from '../../src/domain/run/step-results.ts';
import type { ContinuousInputJson, ModelRef } from '../../src/domain/stream/stream-input.ts';
import type { Services } from './services.ts';
import type { Workers } from './workers.ts';

let streams = 0;

/** A stream over everything in the topic, with default settings. @returns seconds from its start to its result */
export async function scoreStream(
  { services, model }: { readonly services: Services; readonly model: ModelRef },
  { taskQueue }: Workers,
  { topic, rows }: { readonly topic: string; readonly rows: number },
): Promise<number> {
  streams += 1;
  const input: ContinuousInputJson = { topic, model, trigger: 'available-now' };
  const start = performance.now();
  const result = (await services.client.workflow.execute(workflowType.scoreStream, {
    workflowId: `bench-stream-${streams}`,
    taskQueue,
    args: [input],
  })) as ContinuousResult;
  const seconds = (performance.now() - start) / 1000;
  expectAll('ours', result.predicted, rows);
  return seconds;
}

export function expectAll(who: string, got: number, expected: number): void {
  if (got !== expected) throw new Error(`${who} predicted ${got} of ${expected} records`);
}
