import { WorkflowExecutionAlreadyStartedError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { Config } from '../config.ts';
import { DEFAULT_STREAM_ID, workflowType } from '../domain/names.ts';
import { parseContinuousInput } from '../domain/stream-input.ts';
import { UsageError } from './exit.ts';
import { followStream } from './follow-stream.ts';
import { runUrl } from './links.ts';
import { readInput, type JsonObject, type RunInputOptions } from './run-input.ts';
import { withFlags, type StreamFlags } from './stream-input.ts';
import { chooseModel } from './stream-model.ts';
import { streamSummary } from './stream-summary.ts';
import { withClient } from './with-client.ts';

export interface StreamStartOptions extends RunInputOptions, StreamFlags {
  readonly id?: string;
  /** Workflow id of a finished run, or `<name>@champion`. */
  readonly model?: string;
  readonly wait?: true;
  readonly json?: true;
}

export async function startStream(options: StreamStartOptions): Promise<void> {
  const { id: workflowId = DEFAULT_STREAM_ID, wait, json } = options;
  const given = withFlags(await readInput(options), options);
  await withClient(async (client, { temporal, taskQueue }) => {
    const out = json ? process.stderr : process.stdout;
    const print = (line: string) => void out.write(`${line}\n`);
    const input = await withModel(client, given, options.model, taskQueue, print);
    // A stream that is wrong would fail at once, when nobody looks any more.
    parseContinuousInput(input);
    const handle = await start(client, { temporal, taskQueue }, workflowId, input);
    const uiUrl = runUrl(temporal, workflowId, handle.firstExecutionRunId);
    print(`${workflowId} started: ${uiUrl}`);
    const result = wait && (await followStream(client, { handle, url: uiUrl }, out));
    if (result) print(`${workflowId} completed: ${streamSummary(workflowId, result)}`);
    if (json) process.stdout.write(`${JSON.stringify({ workflowId, ...result, uiUrl })}\n`);
  });
}

async function start(
  client: Client,
  { temporal, taskQueue }: Pick<Config, 'temporal' | 'taskQueue'>,
  workflowId: string,
  input: JsonObject,
): Promise<WorkflowHandle & { readonly firstExecutionRunId: string }> {
  try {
    return await client.workflow.start(workflowType.scoreStream, { workflowId, taskQueue, args: [input] });
  } catch (cause) {
    if (!(cause instanceof WorkflowExecutionAlreadyStartedError)) throw cause;
    throw new UsageError(
      `"${workflowId}" is already running: ${runUrl(temporal, workflowId)}. See "imdb stream status ${workflowId}"; ` +
        `to start it with another input, first "imdb stream stop ${workflowId} --wait"; ` +
        'for a second stream give another --id',
      { cause },
    );
  }
}

async function withModel(
  client: Client,
  given: JsonObject,
  run: string | undefined,
  taskQueue: string,
  print: (line: string) => void,
): Promise<JsonObject> {
  if (run === undefined && given['model'] !== undefined) return given;
  const { model, from } = await chooseModel(client, run, taskQueue);
  print(from);
  return { ...given, model };
}
