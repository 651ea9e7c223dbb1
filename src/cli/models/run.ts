import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { openArtifacts } from '../../adapters/stores.ts';
import { TemporalUnreachable } from '../../adapters/temporal/connection/failure.ts';
import { type Config, loadProcessConfig } from '../../config.ts';
import type { ArtifactRef } from '../../domain/artifact.ts';
import type { RegisteredModel } from '../../domain/registry/model-registry.ts';
import { modelOfAlias, workflowType } from '../../domain/names.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { statusText, withClient } from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';
import { createRegistryClient } from './registry.ts';

/** What the result of a run says about its model. */
export type FinishedRun = Pick<PipelineResult, 'run' | 'model' | 'metrics' | 'quality' | 'report'>;

export interface RunModel {
  readonly run: FinishedRun;
  readonly bytes: Uint8Array;
}

/** The model of a finished run, or why there is no run of that id. */
export type FindRunModel = (workflowId: string) => Promise<RunModel | NoRun>;

export interface ChampionModel {
  readonly model: RegisteredModel;
  readonly bytes: Uint8Array;
}

/** @param alias `imdb-score@champion` @throws UsageError when the name has no champion, or no worker answers */
export type FindChampionModel = (alias: string) => Promise<ChampionModel>;

/** Why there is no such run; completes a sentence. */
export interface NoRun {
  readonly reason: string;
  readonly cause: unknown;
}

export const findRunModel: FindRunModel = async (workflowId) => {
  const { temporal } = loadProcessConfig();
  try {
    return await withClient(async (client, config) => {
      const run = await fetchFinishedRun(client, workflowId);
      return { run, bytes: await readArtifact(config, run.model.artifact) };
    });
  } catch (cause) {
    if (cause instanceof TemporalUnreachable) return { reason: cause.message, cause };
    if (!(cause instanceof WorkflowNotFoundError)) throw cause;
    return { reason: `namespace "${temporal.connect.namespace ?? 'default'}" has no run of that id`, cause };
  }
};

export const findChampionModel: FindChampionModel = async (alias) =>
  withClient(async (client, config) => {
    const { taskQueue } = config;
    const champion = await createRegistryClient(client, taskQueue).champion(modelOfAlias(alias));
    if (champion === null)
      throw new UsageError(`no model "${alias}": no model was promoted under that name yet`);
    const { model } = champion;
    return { model, bytes: await readArtifact(config, model.artifact) };
  });

async function readArtifact(config: Config, ref: ArtifactRef): Promise<Uint8Array> {
  const { artifacts } = await openArtifacts(config);
  return artifacts.read(ref);
}

/**
 * @param runId needed when the workflow id may have been started again since
 * @throws UsageError when the workflow is not a run, or has not completed
 * @throws WorkflowNotFoundError
 */
export async function fetchFinishedRun(
  { workflow }: Pick<Client, 'workflow'>,
  workflowId: string,
  runId?: string,
): Promise<FinishedRun> {
  const handle = workflow.getHandle(workflowId, runId);
  const { type, status } = await handle.describe();
  if (type !== workflowType.ratingPipeline) {
    throw new UsageError(
      `no model in "${workflowId}": expected a run of ${workflowType.ratingPipeline}, got one of ${type}`,
    );
  }
  if (status.name !== 'COMPLETED') {
    throw new UsageError(
      `no model in "${workflowId}": expected a finished run, got one that is ${statusText(status.name)}. ` +
        `See "imdb status ${workflowId}"; the file of a trained model is in ARTIFACT_STORE and can be named instead`,
    );
  }
  return (await handle.result()) as FinishedRun;
}
