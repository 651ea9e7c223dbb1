import type { Client } from '@temporalio/client';
import type { RunPlaces } from '../../activities/run/find-place.ts';
import { workflowType } from '../../domain/names.ts';
import { countPolling } from './pollers.ts';

/** @param perProcess runs that one worker process takes at once */
export function createRunPlaces(client: Client, taskQueue: string, perProcess: number): RunPlaces {
  return {
    async count({ startedAt, hasStates }) {
      const conditions = [
        `TaskQueue = "${taskQueue}"`,
        `WorkflowType = "${workflowType.ratingPipeline}"`,
        'ExecutionStatus = "Running"',
        `StartTime < "${startedAt}"`,
        // One that waits for an operator may do so for days.
        ...(hasStates ? ['PipelineState = "Running"'] : []),
      ];
      const { count: earlier } = await client.workflow.count(conditions.join(' AND '));
      if (earlier < perProcess) return { earlier, places: perProcess };
      const processes = await countPolling(client, taskQueue, 'workflow', new Date().toISOString());
      return { earlier, places: perProcess * Math.max(1, processes) };
    },
  };
}
