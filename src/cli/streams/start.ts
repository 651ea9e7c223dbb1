import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import type { Config } from '../../config.ts';
import { championAlias, DEFAULT_MODEL_NAME, DEFAULT_STREAM_ID, workflowType } from '../../domain/names.ts';
import {
  continuousInputJsonSchema,
  parseContinuousInput,
  type StreamStart,
} from '../../domain/stream/stream-input.ts';
import { withClient } from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';
import { isObject, type JsonObject, readInput, type RunInputOptions } from '../shared/input.ts';
import { runUrl } from '../shared/links.ts';
import { type JsonOption, print, printJson, textStream } from '../shared/output.ts';
import { followStream } from './follow.ts';
import { chooseModel } from './model.ts';
import { streamSummary } from './text.ts';

export interface StreamStartOptions extends RunInputOptions, StreamFlags, JsonOption {
  readonly id?: string;
  /** Workflow id of a finished run, or `<name>@champion`. */
  readonly model?: string;
  readonly wait?: true;
}

export async function startStream(options: StreamStartOptions): Promise<void> {
  const { id: workflowId = DEFAULT_STREAM_ID, wait } = options;
  const given = withFlags(await readInput(options, continuousInputJsonSchema()), options);
  checkInput(given, options.model);
  await withClient(async (client, { temporal, taskQueue }) => {
    const { input, chosen } = await withModel(client, given, options.model, taskQueue);
    if (chosen !== undefined) print(chosen, options);
    const handle = await start(client, { temporal, taskQueue }, workflowId, input);
    const uiUrl = runUrl(temporal, workflowId, handle.firstExecutionRunId);
    print(`${workflowId} started: ${uiUrl}`, options);
    const result = wait && (await followStream(client, { handle, url: uiUrl }, textStream(options)));
    if (result) print(`${workflowId} completed: ${streamSummary(workflowId, result)}`, options);
    printJson({ workflowId, ...result, uiUrl }, options);
  });
}

/**
 * Checks the input before anything is connected. The model is chosen later, so a valid placeholder stands for it.
 *
 * @throws InvalidInput
 */
function checkInput(given: JsonObject, named: string | undefined): void {
  const isGiven = named === undefined && given['model'] !== undefined;
  parseContinuousInput(isGiven ? given : { ...given, model: championAlias(DEFAULT_MODEL_NAME) });
}

async function withModel(
  client: Client,
  given: JsonObject,
  named: string | undefined,
  taskQueue: string,
): Promise<{ readonly input: JsonObject; readonly chosen?: string }> {
  if (named === undefined && given['model'] !== undefined) return { input: given };
  const { model, from } = await chooseModel(client, named, taskQueue);
  return { input: { ...given, model }, chosen: from };
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
      `"${workflowId}" is already running: ${runUrl(temporal, workflowId)}. See "imdb stream status ${workflowId}". ` +
        `To start it with another input, run "imdb stream stop ${workflowId} --wait" first; ` +
        'for a second stream use another --id',
      { cause },
    );
  }
}

/** The flags of `imdb stream start` that set fields of the input. */
interface StreamFlags {
  readonly topic?: string;
  readonly from?: string;
  readonly startOver?: true;
  readonly availableNow?: true;
  readonly interval?: string;
}

/** The input of `scoreStream`, without its model: the file and --set, then the flags. */
export function withFlags(input: JsonObject, flags: StreamFlags): JsonObject {
  const { topic, from, startOver, availableNow, interval } = flags;
  const given = isObject(input['trigger']) ? input['trigger'] : {};
  return {
    ...input,
    ...(topic !== undefined && { topic }),
    ...(from !== undefined && { start: parseStart(from) }),
    ...(startOver && { startOver }),
    ...(availableNow && { trigger: 'available-now' }),
    ...(interval !== undefined && { trigger: { ...given, intervalSeconds: parseSeconds(interval) } }),
  };
}

const OFFSETS = /^\d+:\d+(,\d+:\d+)*$/;
const HAS_ZONE = /^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:\d\d)$/;

/** `--from earliest`, `latest`, `2026-11-22T02:00:00Z` or `0:1200,1:900`. */
export function parseStart(text: string): StreamStart {
  if (text === 'earliest' || text === 'latest') return text;
  if (OFFSETS.test(text)) return { offsets: parseOffsets(text) };
  if (HAS_ZONE.test(text) && !Number.isNaN(Date.parse(text))) return { timestamp: text };
  throw new UsageError(
    `--from ${text}: expected earliest, latest, a time with its zone like 2026-11-22T02:00:00Z, ` +
      'or an offset for every partition like 0:1200,1:900',
  );
}

function parseOffsets(text: string): Record<string, number> {
  const offsets = new Map<string, number>();
  for (const pair of text.split(',')) {
    const [partition, offset] = pair.split(':').map(Number);
    if (!Number.isSafeInteger(offset)) throw new UsageError(`--from ${text}: ${offset} is too large`);
    if (offsets.has(String(partition)))
      throw new UsageError(`--from ${text}: partition ${partition} is named twice`);
    offsets.set(String(partition), Number(offset));
  }
  return Object.fromEntries(offsets);
}

function parseSeconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`--interval ${text}: expected seconds, for example 10 or 0.5`);
}
