import type {
  Followed,
  ModelVersion,
  OpenRecord,
  RegistryDecisions,
  TrackedModel,
} from '../../activities/tracking/run-tracker.ts';
import type { MlflowSettings } from '../../config/mlflow-settings.ts';
import { championAlias, partsOfRunName } from '../../domain/names.ts';
import type { MlflowClient } from './client.ts';
import { modelFiles } from './model-files.ts';
import { RUN_TAG, toTags, uploadPath, type LoggedRun } from './runs.ts';

const CHAMPION = championAlias('').slice(1);
const MAX_DESCRIPTION_CHARS = 5_000;

interface LoggedModel {
  readonly model_id: string;
  readonly name: string;
  readonly status: string;
  readonly artifact_uri: string;
  readonly creation_timestamp_ms: number;
}

interface Version {
  readonly version: string;
  readonly description?: string;
}

/** Logged and registered models, as a client that may be stopped between any two requests. */
export function createMlflowModels(client: MlflowClient, { url }: MlflowSettings) {
  async function findModels(record: OpenRecord, name: string, signal: AbortSignal): Promise<LoggedModel[]> {
    const body = { experiment_ids: [record.experimentId], filter: `source_run_id = '${record.id}'` };
    const found = await client.call({ method: 'POST', path: 'logged-models/search', body, signal });
    return ((found?.['models'] ?? []) as readonly { readonly info: LoggedModel }[])
      .map(({ info }) => info)
      .filter((info) => info.name === name)
      .sort(
        (a, b) => a.creation_timestamp_ms - b.creation_timestamp_ms || (a.model_id < b.model_id ? -1 : 1),
      );
  }

  /** Two attempts that both made a model agree on the first one, and the other is removed. */
  async function openModel(
    record: OpenRecord,
    model: TrackedModel,
    signal: AbortSignal,
  ): Promise<LoggedModel> {
    const { name, version } = model;
    let found = await findModels(record, name, signal);
    if (found.length === 0) {
      const body = {
        experiment_id: record.experimentId,
        name,
        source_run_id: record.id,
        params: [],
        tags: toTags({ [RUN_TAG]: partsOfRunName(record.run).runId, 'imdb.model_version': version }),
      };
      const made = await client.call({ method: 'POST', path: 'logged-models', body, signal });
      const { info: own } = made?.['model'] as { readonly info: LoggedModel };
      found = await findModels(record, name, signal);
      const [first = own] = found;
      if (first.model_id !== own.model_id) {
        await client.call({ method: 'DELETE', path: `logged-models/${own.model_id}`, signal });
      }
      found = [first];
    }
    return found[0] as LoggedModel;
  }

  async function findVersions(name: string, run: string, signal: AbortSignal): Promise<Version[]> {
    const { runId } = partsOfRunName(run);
    const query = { filter: `name = '${name}' AND tags.\`${RUN_TAG}\` = '${runId}'` };
    const found = await client.call({ method: 'GET', path: 'model-versions/search', query, signal });
    const versions = (found?.['model_versions'] ?? []) as readonly Version[];
    return [...versions].sort((a, b) => Number(a.version) - Number(b.version));
  }

  /** Of the run; one of two attempts removes what it made too much. */
  async function openVersion(
    record: OpenRecord,
    { name, version }: TrackedModel,
    modelId: string,
    signal: AbortSignal,
  ): Promise<Version> {
    await client.call({
      method: 'POST',
      path: 'registered-models/create',
      body: { name },
      signal,
      unless: 'RESOURCE_ALREADY_EXISTS',
    });
    let found = await findVersions(name, record.run, signal);
    if (found.length === 0) {
      const body = {
        name,
        source: `models:/${modelId}`,
        run_id: record.id,
        model_id: modelId,
        run_link: record.recordUrl,
        tags: toTags({ [RUN_TAG]: partsOfRunName(record.run).runId, 'imdb.model_version': version }),
      };
      const made = await client.call({ method: 'POST', path: 'model-versions/create', body, signal });
      const own = made?.['model_version'] as Version;
      found = await findVersions(name, record.run, signal);
      const [first = own] = found;
      if (first.version !== own.version) {
        const doubled = { name, version: own.version };
        await client.call({ method: 'DELETE', path: 'model-versions/delete', body: doubled, signal });
      }
      found = [first];
    }
    return found[0] as Version;
  }

  const linkTo = (name: string, { version }: Version): ModelVersion => ({
    version,
    url: `${url}/#/models/${encodeURIComponent(name)}/versions/${version}`,
  });

  return {
    async register(
      record: OpenRecord,
      logged: LoggedRun,
      model: TrackedModel,
      signal: AbortSignal,
    ): Promise<ModelVersion> {
      const { model_id: id, status, artifact_uri: artifactUri } = await openModel(record, model, signal);
      if (status !== 'LOGGED_MODEL_READY') {
        for (const { name, bytes } of modelFiles({ runId: record.id, modelId: id }, model)) {
          await client.upload(`${uploadPath(artifactUri)}/${name}`, bytes, signal);
        }
        const body = { model_id: id, status: 'LOGGED_MODEL_READY' };
        await client.call({ method: 'PATCH', path: `logged-models/${id}`, body, signal });
      }
      if (!logged.models.includes(id)) {
        const body = { run_id: record.id, models: [{ model_id: id, step: 0 }] };
        await client.call({ method: 'POST', path: 'runs/outputs', body, signal });
      }
      return linkTo(model.name, await openVersion(record, model, id, signal));
    },

    async follow({ name, champion, models }: RegistryDecisions, signal: AbortSignal): Promise<Followed> {
      for (const { run, decisions } of models) {
        const [found] = await findVersions(name, run, signal);
        const description = decisions.join('\n\n').slice(-MAX_DESCRIPTION_CHARS);
        if (!found || found.description === description) continue;
        const body = { name, version: found.version, description };
        await client.call({ method: 'PATCH', path: 'model-versions/update', body, signal });
      }
      const [serving] = champion === null ? [] : await findVersions(name, champion, signal);
      if (!serving) return { state: 'unregistered' };
      const body = { name, alias: CHAMPION, version: serving.version };
      await client.call({ method: 'POST', path: 'registered-models/alias', body, signal });
      return { state: 'followed', ...linkTo(name, serving) };
    },
  };
}
