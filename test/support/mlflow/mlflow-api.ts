/** A run as the server's search returns it. */
export interface FoundRun {
  readonly info: { readonly run_id: string; readonly status: string };
  readonly data: {
    readonly params?: readonly Entry[];
    readonly metrics?: readonly { readonly key: string; readonly value: number }[];
    readonly tags?: readonly Entry[];
  };
  readonly inputs?: {
    readonly dataset_inputs?: readonly { readonly dataset: Readonly<Record<string, string>> }[];
  };
  readonly outputs?: { readonly model_outputs?: readonly unknown[] };
}

interface Entry {
  readonly key: string;
  readonly value: string;
}

export interface FoundVersion {
  readonly version: string;
  readonly run_id: string;
  readonly source: string;
  readonly description?: string;
  readonly aliases?: readonly string[];
}

/** Asks the server as a user of its REST API would. */
export function openMlflowApi(url: string) {
  const ask = async (path: string, body?: object): Promise<Readonly<Record<string, unknown>>> => {
    const init = body && {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
    const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, init);
    return (await answer.json()) as Readonly<Record<string, unknown>>;
  };
  const experimentId = async (name: string): Promise<string> => {
    const { experiment } = await ask(`experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`);
    return (experiment as { readonly experiment_id: string }).experiment_id;
  };
  return {
    ask,
    experimentId,
    async runs(experiment: string): Promise<readonly FoundRun[]> {
      const found = await ask('runs/search', { experiment_ids: [await experimentId(experiment)] });
      return (found['runs'] ?? []) as readonly FoundRun[];
    },
    async loggedModels(experiment: string): Promise<readonly unknown[]> {
      const found = await ask('logged-models/search', { experiment_ids: [await experimentId(experiment)] });
      return (found['models'] ?? []) as readonly unknown[];
    },
    async versions(model: string): Promise<readonly FoundVersion[]> {
      const filter = encodeURIComponent(`name = '${model}'`);
      const found = await ask(`model-versions/search?filter=${filter}`);
      return (found['model_versions'] ?? []) as readonly FoundVersion[];
    },
    /** Undefined while the alias names none. */
    async champion(model: string): Promise<FoundVersion | undefined> {
      const found = await ask(`registered-models/alias?name=${model}&alias=champion`);
      return found['model_version'] as FoundVersion | undefined;
    },
    async files(runId: string): Promise<readonly string[]> {
      const found = await ask(`artifacts/list?run_id=${runId}`);
      return ((found['files'] ?? []) as readonly { readonly path: string }[]).map(({ path }) => path);
    },
  };
}
