import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  championAlias,
  DEFAULT_MODEL_NAME,
  isChampionAlias,
  modelOfAlias,
  workflowType,
} from '../../domain/names.ts';
import type { ModelRef, StreamModel } from '../../domain/stream/stream-input.ts';
import { createRegistryClient } from '../models/registry.ts';
import { fetchFinishedRun } from '../models/run.ts';
import { UsageError } from '../shared/exit.ts';

export interface ChosenModel {
  readonly model: StreamModel;
  /** The choice in words. */
  readonly from: string;
}

/** Visibility sorts by close time, but does not promise it. */
const LOOKED_AT = 20;

/**
 * @param named workflow id of a finished run, or `<name>@champion`. Without it: the champion of the default name, or,
 *   where there is none, the newest completed run
 * @throws UsageError when there is no such model
 */
export async function chooseModel(
  client: Client,
  named: string | undefined,
  taskQueue: string,
): Promise<ChosenModel> {
  if (named === undefined) {
    return (await defaultChampion(client, taskQueue)) ?? (await newestModel(client, taskQueue));
  }
  return isChampionAlias(named) ? championOf(client, named, taskQueue) : modelOfRun(client, named);
}

async function championOf(client: Client, alias: string, taskQueue: string): Promise<ChosenModel> {
  const name = modelOfAlias(alias);
  const champion = await createRegistryClient(client, taskQueue).champion(name);
  if (champion) return { model: alias, from: `model ${alias}, now ${champion.model.version}` };
  throw new UsageError(`no model to score with: no model was promoted under the name "${name}" yet`);
}

/** Undefined when nothing was promoted under the default name on this task queue. */
async function defaultChampion(client: Client, taskQueue: string): Promise<ChosenModel | undefined> {
  const alias = championAlias(DEFAULT_MODEL_NAME);
  const registry = createRegistryClient(client, taskQueue);
  const champion = await registry.findChampion(DEFAULT_MODEL_NAME);
  return champion ? { model: alias, from: `model ${alias}, now ${champion.model.version}` } : undefined;
}

async function modelOfRun(client: Client, workflowId: string): Promise<ChosenModel> {
  try {
    const model = await fetchModel(client, workflowId);
    return { model, from: `model ${model.version} of ${workflowId}` };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new UsageError(
      `--model ${workflowId}: expected the workflow id of a finished run, but namespace ` +
        `"${client.options.namespace}" has no run of that id`,
      { cause: error },
    );
  }
}

/** Of this task queue: its workers share an artifact store, which others may not reach. */
async function newestModel(client: Client, taskQueue: string): Promise<ChosenModel> {
  const query =
    `WorkflowType = '${workflowType.ratingPipeline}' AND ExecutionStatus = 'Completed' ` +
    `AND TaskQueue = ${JSON.stringify(taskQueue)}`;
  const runs = [];
  for await (const run of client.workflow.list({ query, pageSize: LOOKED_AT })) {
    if (runs.push(run) === LOOKED_AT) break;
  }
  const closedAtMs = ({ closeTime }: { closeTime?: Date }) => closeTime?.getTime() ?? 0;
  const [newest] = runs.sort((a, b) => closedAtMs(b) - closedAtMs(a));
  if (!newest) {
    throw new UsageError(
      `no model to score with: no run on task queue "${taskQueue}" has completed. ` +
        'Train one with "imdb run --wait", or name a finished run with --model',
    );
  }
  const { workflowId, runId } = newest;
  const model = await fetchModel(client, workflowId, runId);
  return { model, from: `model ${model.version} of ${workflowId}, the newest completed run` };
}

async function fetchModel(client: Client, workflowId: string, runId?: string): Promise<ModelRef> {
  const { model } = await fetchFinishedRun(client, workflowId, runId);
  const { version, artifact } = model;
  return { version, artifact };
}
