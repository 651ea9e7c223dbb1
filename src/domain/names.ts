/** Every identifier that outlives a process: each is spelled here and nowhere else. */

export const SPLITS = ['train', 'batch', 'stream'] as const;
export type Split = (typeof SPLITS)[number];
/** The splits that are published to Kafka. */
export type PublishedSplit = Exclude<Split, 'train'>;

export const DEFAULT_TASK_QUEUE = 'imdb';
export const NIGHTLY_SCHEDULE_ID = 'imdb-nightly';
export const GC_SCHEDULE_ID = 'artifacts-gc';
/** Set by Temporal on every run that a schedule starts; the time is the scheduled one, also in a backfill. */
export const scheduledRun = { by: 'TemporalScheduledById', startTime: 'TemporalScheduledStartTime' } as const;

export const workflowType = {
  ratingPipeline: 'ratingPipeline',
  scoreStream: 'scoreStream',
  scoreMicroBatch: 'scoreMicroBatch',
  modelRegistry: 'modelRegistry',
  artifactsGc: 'artifactsGc',
  notifications: 'notifications',
} as const;

/** The search attributes of runs and streams, with their types; `imdb setup` and the local server register them. */
export const SEARCH_ATTRIBUTES = {
  PipelineState: 'Keyword',
  PipelineStep: 'Keyword',
  /** Of the CSV. */
  DatasetSha: 'Keyword',
  ModelVersion: 'Keyword',
  /** On the batch split. */
  Rmse: 'Double',
  RowsScored: 'Int',
} as const;

export const PROGRESS_QUERY = 'progress';
/** Signals of a run and of a stream. */
export const streamSignal = {
  pause: 'pause',
  resume: 'resume',
  stop: 'stop',
  /** From a stream to the run that started it. */
  attention: 'attention',
} as const;
/** From workers to the workflow whose activity fails, and from it to its parents. */
export const TROUBLE_SIGNAL = 'trouble';
/** It does not belong to the work of a run, so it needs no attention when it fails. */
export const UNWATCHED_ACTIVITY = 'notify';
/** Updates of a stream: what an operator does about failed micro-batches. */
export const repairUpdate = { retryFailed: 'retryFailed', skipFailed: 'skipFailed' } as const;
export const DEFAULT_STREAM_ID = 'imdb-stream';
/** Updates of a run that waits for an operator to approve its model. */
export const approvalUpdate = { approve: 'approve', reject: 'reject' } as const;

/** Updates of a model registry: runs `propose`, operators `promote` and `rollback`. */
export const registryUpdate = { propose: 'propose', promote: 'promote', rollback: 'rollback' } as const;
/** From runs: their model has become a version in MLflow. */
export const REGISTRY_LOGGED_SIGNAL = 'loggedToMlflow';
export const registryQuery = { champion: 'champion', history: 'history' } as const;
export const DEFAULT_MODEL_NAME = 'imdb-score';
const REGISTRY_PREFIX = 'model-registry';

/** Artifacts are shared by the workers of one task queue, so models are registered by task queue and name. */
export function registryWorkflowId(taskQueue: string, model: string): string {
  return `${REGISTRY_PREFIX}/${taskQueue}/${model}`;
}

/** Ignores the task queue, because a replay runs on another one. */
export function isRegistryWorkflowId(workflowId: string, model: string): boolean {
  return workflowId.startsWith(`${REGISTRY_PREFIX}/`) && workflowId.endsWith(`/${model}`);
}

/** The model's name in the workflow id of its registry. */
export function modelOfRegistry(taskQueue: string, workflowId: string): string {
  return workflowId.slice(registryWorkflowId(taskQueue, '').length);
}

const CHAMPION_SUFFIX = '@champion';

/** How a stream names the model that is champion at the time. */
export function championAlias(model: string): string {
  return `${model}${CHAMPION_SUFFIX}`;
}

export function isChampionAlias(model: string): boolean {
  return model.endsWith(CHAMPION_SUFFIX) && model !== CHAMPION_SUFFIX;
}

/** The model's name in `<name>@champion`. */
export function modelOfAlias(alias: string): string {
  return alias.slice(0, -CHAMPION_SUFFIX.length);
}

/**
 * A run's name in Kafka and in the artifact store. A second start of the same workflow id is another run;
 * a reset keeps the first execution's id and so is the same run.
 */
export function runName(workflowId: string, firstExecutionRunId: string): string {
  return `${workflowId}/${firstExecutionRunId}`;
}

/** What {@link runName} joined. */
export function partsOfRunName(run: string): { readonly workflowId: string; readonly runId: string } {
  const at = run.lastIndexOf('/');
  return { workflowId: run.slice(0, at), runId: run.slice(at + 1) };
}

export function streamWorkflowId(pipelineWorkflowId: string): string {
  return `${pipelineWorkflowId}/stream`;
}

/** Zero-padded so that the UI sorts batches; a restart of the parent reuses them. */
export function microBatchWorkflowId(streamWorkflowId: string, batch: number): string {
  return `${streamWorkflowId}/${batchName(batch)}`;
}

export const BATCH_PREFIX = 'batch-';
const BATCH_DIGITS = 6;
const BATCH_NAME = new RegExp(`^${BATCH_PREFIX}(\\d{${BATCH_DIGITS},})(-|$)`);

export function batchName(batch: number): `${typeof BATCH_PREFIX}${string}` {
  return `${BATCH_PREFIX}${String(batch).padStart(BATCH_DIGITS, '0')}`;
}

/** The batch of a {@link batchName}, or of an artifact whose name begins with one. */
export function batchOf(name: string): number | undefined {
  const [, digits] = BATCH_NAME.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

export const REPORT_PAGE = 'report-page';

/** Trees grown by one activity, named by the first of them. */
export function shardName(firstTree: number): `trees-${string}` {
  return `trees-${String(firstTree).padStart(5, '0')}`;
}

/** In the artifact store: its identity. */
export const STORE_ID_FILE = 'store-id';
/** In the artifact store: what a starting worker writes, reads and removes. */
export const STORE_CHECK_PREFIX = 'store-check-';
/** Of activities and children: the identity of the store that their workflow began with. */
export const STORE_HEADER = 'artifact-store';

/** In place of the deployment of a worker without Worker Versioning. */
export const UNVERSIONED = 'unversioned';

export function predictionsTopic(topic: string): string {
  return `${topic}.predictions`;
}

const DEAD_LETTERS_SUFFIX = '.dead-letters';
export function deadLettersTopic(topic: string): string {
  return `${topic}${DEAD_LETTERS_SUFFIX}`;
}

/** What remains known of a stream after the broker has forgotten its committed offsets. */
export function streamPositionsTopic(topic: string): string {
  return `${topic}.positions`;
}

/** In a schema registry. */
export const valueSubject = (topic: string): string => `${topic}-value`;

/** Kafka allows 249 characters; the longest derived topic must fit too. */
export const MAX_TOPIC_LENGTH = 249 - DEAD_LETTERS_SUFFIX.length;

/** Of one publication: the transactional id is the right to write it, the marker group the proof that it was written. */
export interface PublicationNames {
  readonly transactionalId: string;
  readonly markerGroup: string;
}

export function splitPublication(run: string, split: PublishedSplit): PublicationNames {
  return { transactionalId: `imdb/${run}/${split}`, markerGroup: `imdb-marker/${run}/${split}` };
}

/**
 * Batches of one lane follow each other, so they share a transactional id (a broker keeps each id for a week);
 * the marker is the batch's own, so that a reset finds every batch that was ever committed.
 */
export function microBatchPublication(run: string, lane: number, batch: number): PublicationNames {
  return {
    transactionalId: `imdb/${run}/lane-${lane}`,
    markerGroup: `imdb-marker/${run}/${batchName(batch)}`,
  };
}

/**
 * A continuous stream is named by its workflow id alone, so that the next start continues where the last one was. The
 * number of its batches has no bound, so a lane has one marker, which names its newest batch.
 */
export function lanePublication(stream: string, lane: number): PublicationNames {
  return {
    transactionalId: `imdb/${stream}/stream-lane-${lane}`,
    markerGroup: `${streamGroup(stream)}/lane-${lane}`,
  };
}

/** The consumer group whose committed offsets show Kafka's own lag tools how far a continuous stream is. */
export function streamGroup(stream: string): string {
  return `imdb-stream/${stream}`;
}

/** The right to commit for {@link streamGroup}. */
export function progressPublication(stream: string): PublicationNames {
  return { transactionalId: `imdb/${stream}/stream-progress`, markerGroup: streamGroup(stream) };
}

/**
 * The right to replay a topic's dead letters, and how far the replay is: offsets committed for a group without
 * consumers. The prefix is not that of runs, whose names may be anything.
 */
export function deadLetterReplay(topic: string) {
  return {
    transactionalId: `imdb-dead-letters/${topic}`,
    positionGroup: `imdb-dead-letters/${topic}`,
  } as const;
}

export function recordKey(run: string, split: PublishedSplit, rowId: number | ''): string {
  return `${run}/${split}/${rowId}`;
}

/** Other producers may send the number of a row; the project's own records have it in their key. */
export const header = { runId: 'run-id', schema: 'schema', rowId: 'row-id' } as const;

/** What a record is, and the version of its form. */
export function recordSchema(kind: PublishedSplit | 'prediction'): string {
  return `${kind}/1`;
}

/** What a dead letter has in addition to the headers of its record. */
export const deadLetterHeader = {
  topic: 'dead-letter.topic',
  partition: 'dead-letter.partition',
  offset: 'dead-letter.offset',
  timestamp: 'dead-letter.timestamp',
  errorType: 'dead-letter.error-type',
  errorMessage: 'dead-letter.error-message',
  runId: 'dead-letter.run-id',
  /** The parts that are cut short, separated by commas; empty for a whole record. */
  cut: 'dead-letter.cut',
} as const;

/** Length and SHA-256 of the whole part, for each part that is cut short. */
export const cutHeader = {
  key: { bytes: 'dead-letter.key-bytes', sha256: 'dead-letter.key-sha256' },
  value: { bytes: 'dead-letter.value-bytes', sha256: 'dead-letter.value-sha256' },
  headers: { bytes: 'dead-letter.headers-bytes', sha256: 'dead-letter.headers-sha256' },
} as const;
