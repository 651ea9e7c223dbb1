/** Port: MLflow. Every call may be repeated, also by an attempt that did not know of another: nothing is logged twice. */
export interface RunTracker {
  /**
   * Finds the record of a run, or makes it.
   * @throws MlflowError, MlflowRefused, AccessError, as the others
   */
  open(run: TrackedRun, signal: AbortSignal): Promise<OpenRecord>;
  /** Adds what a finished run did. Later values replace earlier ones, except parameters, which stay. */
  log(record: OpenRecord, facts: RunFacts, signal: AbortSignal): Promise<void>;
  /** Adds the model of a run, and makes it a version under its name. */
  register(record: OpenRecord, model: TrackedModel, signal: AbortSignal): Promise<ModelVersion>;
  /** Makes the alias `champion` and the descriptions of versions say what the registry has decided. */
  follow(decisions: RegistryDecisions, signal: AbortSignal): Promise<Followed>;
}

/** Identifies a run by its name, which a reset keeps. */
export interface TrackedRun {
  /** See `runName`. */
  readonly run: string;
  /** Of the workflow in the Temporal UI. */
  readonly url: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

export interface OpenRecord extends TrackedRun {
  /** In MLflow. */
  readonly id: string;
  readonly experimentId: string;
  /** For people. */
  readonly recordUrl: string;
  /** Where its files go, as MLflow names it. */
  readonly artifactUri: string;
}

export interface RunFacts {
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly dataset: TrackedDataset;
  readonly files: readonly TrackedFile[];
}

export interface TrackedDataset {
  readonly name: string;
  readonly sha256: string;
  readonly path: string;
  /** The features, then the target: all of them numbers. */
  readonly columns: readonly string[];
  readonly rows: number;
}

export interface TrackedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface TrackedModel {
  /** In the registry. */
  readonly name: string;
  readonly version: string;
  readonly onnx: Uint8Array;
  readonly features: readonly string[];
  /** Some rows that the model takes, one value a feature. */
  readonly example: readonly (readonly number[])[];
  readonly createdAt: string;
}

/** Of a registered model in MLflow. */
export interface ModelVersion {
  readonly version: string;
  readonly url: string;
}

export interface RegistryDecisions {
  /** Name of the model. */
  readonly name: string;
  /** Name of the run whose model is the champion; null when there is none. */
  readonly champion: string | null;
  /** By run: what was decided about its model, oldest first. */
  readonly models: readonly { readonly run: string; readonly decisions: readonly string[] }[];
}

export type Followed =
  /** The alias names the champion. */
  | ({ readonly state: 'followed' } & ModelVersion)
  /** The champion is not a version in MLflow, or not yet: the alias stays where it is. */
  | { readonly state: 'unregistered' }
  /** This worker has no MLFLOW_TRACKING_URI. */
  | { readonly state: 'off' };
