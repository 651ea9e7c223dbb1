import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { TemporalSettings } from '../../config.ts';
import { workflowType } from '../../domain/names.ts';
import {
  parsePipelineInput,
  pipelineInputJsonSchema,
  type PipelineInputJson,
} from '../../domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { withClient } from '../shared/client.ts';
import { untilSignal, UsageError } from '../shared/exit.ts';
import { follow, type StartedWorkflow } from '../shared/follow.ts';
import { readInput, type RunInputOptions } from '../shared/input.ts';
import { runUrl } from '../shared/links.ts';
import { type JsonOption, print, printJson, textStream } from '../shared/output.ts';
import { createRunView, markOfRun, querySnapshot, type RunSnapshot } from './progress.ts';
import { resultJson, resultTable } from './result.ts';

export interface RunOptions extends RunInputOptions, JsonOption {
  readonly id?: string;
  readonly wait?: true;
}

export async function run(options: RunOptions): Promise<void> {
  const input = await readRunInput(options);
  await withClient(async (client, { taskQueue, temporal }) => {
    const workflowId = options.id ?? newWorkflowId('rating');
    const started = await startRun(client, temporal, { workflowId, taskQueue, input });
    print(`${workflowId} started: ${started.url}`, options);
    if (!options.wait) {
      printJson({ workflowId, uiUrl: started.url }, options);
      return;
    }
    const result = await followRun(client, started, textStream(options), untilSignal());
    if (!result) {
      throw new UsageError(
        `stopped waiting; ${workflowId} is still running: see "imdb status ${workflowId}"`,
      );
    }
    print(resultTable(result), options);
    printJson(resultJson(workflowId, result, started.url), options);
  });
}

/**
 * The input without defaults, because a run takes the defaults of its worker.
 *
 * @throws InvalidInput before anything is started or connected
 */
export async function readRunInput(options: RunInputOptions): Promise<PipelineInputJson> {
  const input: PipelineInputJson = await readInput(options, pipelineInputJsonSchema());
  parsePipelineInput(input);
  return input;
}

export async function startRun(
  client: Client,
  temporal: TemporalSettings,
  run: { readonly workflowId: string; readonly taskQueue: string; readonly input: PipelineInputJson },
): Promise<StartedWorkflow> {
  const { workflowId, taskQueue, input } = run;
  const starting = client.workflow.start(workflowType.ratingPipeline, {
    workflowId,
    taskQueue,
    args: [input],
  });
  const handle = await starting.catch((cause: unknown) => {
    if (!(cause instanceof WorkflowExecutionAlreadyStartedError)) throw cause;
    throw new UsageError(
      `"${workflowId}" is already running: ${runUrl(temporal, workflowId)}. See "imdb status ${workflowId}", or use another --id`,
      { cause },
    );
  });
  return { handle, url: runUrl(temporal, workflowId, handle.firstExecutionRunId) };
}

/** `rating-2026-11-22T02-00-00`: sorts in the UI, and needs no quotes in a shell. */
export function newWorkflowId(prefix: string): string {
  return `${prefix}-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`;
}

/**
 * Shows the progress of a run until it ends.
 *
 * @param left resolves at Ctrl-C
 * @returns undefined when Ctrl-C came before the end
 * @throws RunFailed, UsageError
 */
export async function followRun(
  client: Client,
  started: StartedWorkflow,
  stream: NodeJS.WriteStream,
  left: Promise<void>,
): Promise<PipelineResult | undefined> {
  const { handle } = started;
  return follow<RunSnapshot, PipelineResult>(client, started, {
    query: () => querySnapshot(client, handle),
    markOf: markOfRun,
    view: createRunView(stream, handle.workflowId),
    left,
  });
}
