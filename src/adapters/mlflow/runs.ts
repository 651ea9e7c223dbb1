import type {
  OpenRecord,
  RunFacts,
  TrackedDataset,
  TrackedRun,
} from '../../activities/tracking/run-tracker.ts';
import type { MlflowSettings } from '../../config/mlflow-settings.ts';
import { partsOfRunName } from '../../domain/names.ts';
import { shortText } from '../../domain/text.ts';
import type { MlflowClient } from './client.ts';
import { deletedExperiment, type Json, noUploads } from './errors.ts';

/** Identifies a run in MLflow: the id of its first execution, which a reset keeps. */
export const RUN_TAG = 'imdb.run_id';
/** Limits of MLflow, those of its older servers where they differ. */
const MAX_PARAM_CHARS = 500;
const MAX_TAG_CHARS = 5_000;
const MAX_PER_REQUEST = 100;
const DIGEST_CHARS = 32;
const MAX_SCHEMA_CHARS = 60_000;
const UPLOADS = 'mlflow-artifacts:/';

interface RunInfo {
  readonly run_id: string;
  readonly experiment_id: string;
  readonly artifact_uri: string;
}

/** What a run has already. */
export interface LoggedRun {
  readonly params: ReadonlySet<string>;
  readonly models: readonly string[];
}

/** Runs, as a client that may be stopped between any two requests. */
export function createMlflowRuns(client: MlflowClient, settings: MlflowSettings) {
  async function experimentId(signal: AbortSignal): Promise<string> {
    const { experiment: name } = settings;
    const find = (): Promise<Json | null> =>
      client.call({
        method: 'GET',
        path: 'experiments/get-by-name',
        query: { experiment_name: name },
        signal,
        unless: 'RESOURCE_DOES_NOT_EXIST',
      });
    let found = await find();
    if (found === null) {
      const body = { name };
      // Another worker may create it at the same time.
      const unless = 'RESOURCE_ALREADY_EXISTS';
      await client.call({ method: 'POST', path: 'experiments/create', body, signal, unless });
      found = await find();
    }
    const { experiment_id: id, lifecycle_stage: stage } = (found?.['experiment'] ?? {}) as Record<
      string,
      string
    >;
    if (id === undefined || stage === 'deleted') throw deletedExperiment(name, id ?? 'unknown');
    return id;
  }

  async function findRuns(experiment: string, runId: string, signal: AbortSignal): Promise<RunInfo[]> {
    const body = {
      experiment_ids: [experiment],
      filter: `tags.\`${RUN_TAG}\` = '${runId}'`,
      order_by: ['attributes.start_time ASC', 'attributes.run_id ASC'],
      max_results: 10,
    };
    const found = await client.call({ method: 'POST', path: 'runs/search', body, signal });
    return ((found?.['runs'] ?? []) as readonly { readonly info: RunInfo }[]).map(({ info }) => info);
  }

  async function create(experiment: string, run: TrackedRun, signal: AbortSignal): Promise<RunInfo> {
    const { workflowId, runId } = partsOfRunName(run.run);
    const body = {
      experiment_id: experiment,
      run_name: shortText(workflowId, MAX_PARAM_CHARS),
      start_time: Date.parse(run.startedAt),
      tags: toTags({ [RUN_TAG]: runId, 'temporal.workflow_id': workflowId, 'temporal.url': run.url }),
    };
    const made = await client.call({ method: 'POST', path: 'runs/create', body, signal });
    return (made?.['run'] as { readonly info: RunInfo }).info;
  }

  async function read(id: string, signal: AbortSignal): Promise<LoggedRun> {
    const found = await client.call({ method: 'GET', path: 'runs/get', query: { run_id: id }, signal });
    const { data, outputs } = found?.['run'] as {
      readonly data?: { readonly params?: readonly { readonly key: string }[] };
      readonly outputs?: { readonly model_outputs?: readonly { readonly model_id: string }[] };
    };
    return {
      params: new Set(data?.params?.map(({ key }) => key)),
      models: outputs?.model_outputs?.map(({ model_id: model }) => model) ?? [],
    };
  }

  return {
    read,

    /** Two attempts that both made a run agree on the first one, and the other is removed. */
    async open(run: TrackedRun, signal: AbortSignal): Promise<OpenRecord> {
      const experiment = await experimentId(signal);
      const { runId } = partsOfRunName(run.run);
      let found = await findRuns(experiment, runId, signal);
      if (found.length === 0) {
        const made = await create(experiment, run, signal);
        found = await findRuns(experiment, runId, signal);
        const [first = made] = found;
        if (first.run_id !== made.run_id) {
          await client.call({ method: 'POST', path: 'runs/delete', body: { run_id: made.run_id }, signal });
        }
        found = [first];
      }
      const info = found[0] as RunInfo;
      return {
        ...run,
        id: info.run_id,
        experimentId: experiment,
        recordUrl: `${settings.url}/#/experiments/${experiment}/runs/${info.run_id}`,
        artifactUri: info.artifact_uri,
      };
    },

    async log(
      { id, startedAt, artifactUri }: OpenRecord,
      facts: RunFacts,
      signal: AbortSignal,
    ): Promise<void> {
      const logged = await read(id, signal);
      const timestamp = Date.parse(startedAt);
      // MLflow refuses another value, which defaults of a newer version may have.
      const params = Object.entries(facts.params).filter(([key]) => !logged.params.has(key));
      const batches = [
        ...chunks(params).map((some) => ({
          params: some.map(([key, value]) => ({ key, value: shortText(value, MAX_PARAM_CHARS - 1) })),
        })),
        ...chunks(Object.entries(facts.metrics)).map((some) => ({
          metrics: some.map(([key, value]) => ({ key, value, timestamp, step: 0 })),
        })),
        ...chunks(toTags(facts.tags)).map((tags) => ({ tags })),
      ];
      for (const batch of batches) {
        await client.call({ method: 'POST', path: 'runs/log-batch', body: { run_id: id, ...batch }, signal });
      }
      const datasets = [toDatasetInput(facts.dataset)];
      await client.call({ method: 'POST', path: 'runs/log-inputs', body: { run_id: id, datasets }, signal });
      for (const { name, bytes } of facts.files) {
        await client.upload(`${uploadPath(artifactUri)}/${name}`, bytes, signal);
      }
      const body = { run_id: id, status: 'FINISHED', end_time: Date.now() };
      await client.call({ method: 'POST', path: 'runs/update', body, signal });
    },
  };
}

/** Where the server takes the files of a run or a model. @throws MlflowRefused */
export function uploadPath(artifactUri: string): string {
  if (!artifactUri.startsWith(UPLOADS) || artifactUri.startsWith(`${UPLOADS}/`)) throw noUploads(artifactUri);
  return artifactUri.slice(UPLOADS.length);
}

export function toTags(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([key, value]) => ({ key, value: value.slice(0, MAX_TAG_CHARS) }));
}

function toDatasetInput({ name, sha256, path, columns, rows }: TrackedDataset) {
  return {
    tags: [{ key: 'mlflow.data.context', value: 'training' }],
    dataset: {
      name: shortText(name, MAX_PARAM_CHARS - 1),
      digest: sha256.slice(0, DIGEST_CHARS),
      source_type: 'local',
      source: JSON.stringify({ uri: path, sha256 }),
      schema: schemaOf(columns),
      profile: JSON.stringify({ num_rows: rows, num_elements: rows * columns.length }),
    },
  };
}

/** As many columns as fit. */
function schemaOf(columns: readonly string[]): string {
  const shown: object[] = [];
  let chars = 0;
  for (const name of columns) {
    const column = { type: 'double', name, required: true };
    chars += JSON.stringify(column).length + 1;
    if (chars > MAX_SCHEMA_CHARS) break;
    shown.push(column);
  }
  return JSON.stringify({ mlflow_colspec: shown });
}

function chunks<T>(values: readonly T[]): T[][] {
  const count = Math.ceil(values.length / MAX_PER_REQUEST);
  return Array.from({ length: count }, (_, i) =>
    values.slice(i * MAX_PER_REQUEST, (i + 1) * MAX_PER_REQUEST),
  );
}
