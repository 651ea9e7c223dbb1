import type { Client } from '@temporalio/client';
import type { RunPlaces } from '../../activities/run/find-place.ts';
import { workflowType } from '../../domain/names.ts';
import { countPolling } from './pollers.ts';

/** @param perProcess runs that one process with the role data takes at once */
export function createRunPlaces(client: Client, taskQueue: string, perProcess: number): RunPlaces {
  return {
    async count({ startedAt, hasStates }) {
      const unfinished = [
        `TaskQueue = ${JSON.stringify(taskQueue)}`,
        `WorkflowType = "${workflowType.ratingPipeline}"`,
        'ExecutionStatus = "Running"',
        `StartTime < "${startedAt}"`,
      ].join(' AND ');
      const { count: earlier } = await client.workflow.count(unfinished);
      if (earlier < perProcess) return { earlier, places: perProcess };
      const [idle, processes] = await Promise.all([
        // Those that wait for an operator may do so for days.
        hasStates
          ? client.workflow.count(`${unfinished} AND PipelineState IN ("Paused", "NeedsAttention")`)
          : { count: 0 },
        countPolling(client, taskQueue, 'activity', new Date().toISOString()),
      ]);
      return { earlier: earlier - idle.count, places: perProcess * Math.max(1, processes) };
    },
  };
}
