import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { createLocalArtifactStore } from '../../adapters/files/artifact-store.ts';
import { connectTemporalClient, TemporalUnreachable } from '../../adapters/temporal/client.ts';
import { loadProcessConfig } from '../../config.ts';
import type { RegisteredModel } from '../../domain/registry/model-registry.ts';
import { modelOfAlias, workflowType } from '../../domain/names.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { UsageError } from '../shared/output.ts';
import { createRegistryClient } from '../shared/registry-client.ts';

/** What a finished run knows of its model. */
export type FinishedRun = Pick<PipelineResult, 'model' | 'metrics' | 'quality'>;

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

/** @param alias `imdb-score@champion` @throws UsageError when nothing serves under that name, or cannot be asked */
export type FindChampionModel = (alias: string) => Promise<ChampionModel>;

/** Why there is no such run, as the end of a sentence. */
export interface NoRun {
  readonly reason: string;
  readonly cause: unknown;
}

export const findRunModel: FindRunModel = async (workflowId) => {
  const { temporal, artifactDir } = loadProcessConfig();
  try {
    const { client, close } = await connectTemporalClient(temporal);
    try {
      const run = await fetchFinishedRun(client, workflowId);
      return { run, bytes: await createLocalArtifactStore(artifactDir).read(run.model.artifact) };
    } finally {
      await close();
    }
  } catch (cause) {
    if (cause instanceof TemporalUnreachable) return { reason: cause.message, cause };
    if (!(cause instanceof WorkflowNotFoundError)) throw cause;
    return { reason: `namespace "${temporal.connect.namespace ?? 'default'}" has no run of that id`, cause };
  }
};

export const findChampionModel: FindChampionModel = async (alias) => {
  const { temporal, artifactDir, taskQueue } = loadProcessConfig();
  const { client, close } = await connectTemporalClient(temporal);
  try {
    const champion = await createRegistryClient(client, taskQueue).champion(modelOfAlias(alias));
    if (champion === null)
      throw new UsageError(`no model "${alias}": nothing was promoted under that name yet`);
    const { model } = champion;
    return { model, bytes: await createLocalArtifactStore(artifactDir).read(model.artifact) };
  } finally {
    await close();
  }
};

/**
 * @param runId when the workflow id may have been started again since
 * @throws UsageError when the run has no model to show, yet or at all
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
      `no model in "${workflowId}": expected a finished run, got one that is ${status.name.toLowerCase().replaceAll('_', ' ')}. ` +
        `See "imdb status ${workflowId}"; a trained model's file lies below ARTIFACT_DIR and can be named itself`,
    );
  }
  return (await handle.result()) as FinishedRun;
}
