import { NON_RETRYABLE } from '../errors.ts';
import { type PipelineStep, stepOfArtifact } from './steps.ts';

/** How failed work continues: by itself, or by a command; each costs more than the one before. */
export type Recovery = 'retry' | 'repair' | 'reset' | 'rerun';

/** As the runbook and the UI name them. */
export const RECOVERY_NAMES: Readonly<Record<Recovery, string>> = {
  retry: 'retry',
  repair: 'repair',
  reset: 'reset',
  rerun: 'run again',
};

export interface Advice {
  readonly meaning: string;
  /** For the operator, in one or two sentences. */
  readonly whatToDo: string;
  /** What helps, the cheapest first. */
  readonly recoveries: readonly Recovery[];
}

/** By failure type, as the Temporal UI shows it. `docs/runbook.md` repeats these texts, section by section. */
const ADVICE = {
  InvalidInput: {
    meaning: 'a field of the input is wrong, or a path is outside the worker’s DATA_DIR',
    whatToDo: 'Start a new run with the field corrected. The input of this run cannot be changed.',
    recoveries: ['rerun'],
  },
  DatasetError: {
    meaning: 'the CSV is missing, is malformed, or has too few usable rows or columns',
    whatToDo: 'Correct the file in the worker’s DATA_DIR, then reset the run to the step that failed.',
    recoveries: ['reset', 'rerun'],
  },
  DataQualityError: {
    meaning:
      'the file can be read, but has fewer rows, more gaps, or other values than quality in the input allows; nothing was published',
    whatToDo:
      'If the file is wrong, correct it in the worker’s DATA_DIR, then reset the run to load. If the data have really changed, start a new run with the setting that the message names.',
    recoveries: ['reset', 'rerun'],
  },
  MalformedRecord: {
    meaning: 'a record in the topic breaks the record contract',
    whatToDo:
      'Find the producer of the record. Then skip its micro-batch, or start a run that sets bad records aside (stream.onBadRecord "dead-letter").',
    recoveries: ['repair', 'rerun'],
  },
  TooManyBadRecords: {
    meaning: 'a micro-batch has a larger share of bad records than stream.maxBadFraction',
    whatToDo: 'Correct the producer. Then skip the micro-batch, or allow a larger share in a new run.',
    recoveries: ['repair', 'rerun'],
  },
  StreamOvertaken: {
    meaning: 'a later start of the same stream has taken over, so this one stopped writing',
    whatToDo: 'If no later start is running, start the stream again: it continues where it was.',
    recoveries: ['rerun'],
  },
  ModelMismatch: {
    meaning: 'the model does not match the rows or the version of the worker',
    whatToDo: 'Run the same version on all workers and train again.',
    recoveries: ['rerun'],
  },
  OffsetsOutOfRange: {
    meaning: 'records are no longer in the topic, or the topic does not exist',
    whatToDo:
      'If the topic is missing, create it or correct its name. If records aged out, raise the retention; then skip the micro-batch, or publish the rows again with a new run.',
    recoveries: ['repair', 'rerun'],
  },
  PositionLost: {
    meaning:
      'Kafka no longer has the position of a stream: it was not running for longer than offsets.retention.minutes, or its topic was deleted',
    whatToDo:
      'Find the largest offset in "source" of its predictions, then start it with {"startOver": true, "start": {"offsets": …}} behind it. For a recreated topic, start at "earliest".',
    recoveries: ['rerun'],
  },
  ReconciliationError: {
    meaning:
      'counts or hashes that must agree do not: another producer wrote to the topics, records were deleted, or a reset run met other data',
    whatToDo:
      'Do not use the predictions. Find the cause, then start a new run, preferably on a topic of its own.',
    recoveries: ['rerun'],
  },
  ArtifactCorrupt: {
    meaning: 'a file in ARTIFACT_STORE has changed since it was written; its bytes were not used',
    whatToDo: 'Find what changed it, then reset the run to the step that wrote it.',
    recoveries: ['reset', 'rerun'],
  },
  ArtifactStoreError: {
    meaning: 'ARTIFACT_STORE cannot be read or written, or an object store does not answer',
    whatToDo:
      'Start the object store, free disk space, correct the permissions, or give all workers the same ARTIFACT_STORE. The step then continues by itself.',
    recoveries: ['retry', 'reset'],
  },
  ArtifactStoreMismatch: {
    meaning: 'a worker uses another artifact store than the one that the run began with',
    whatToDo:
      'Stop the worker that the message names, or start it with the ARTIFACT_STORE of the others. The step then continues by itself.',
    recoveries: ['retry', 'rerun'],
  },
  AccessError: {
    meaning:
      'Kafka, an object store or MLflow does not let the worker in: a wrong login, a certificate, a missing permission or bucket',
    whatToDo:
      'Add the permission or correct the certificate that the message names; the step then continues by itself. If a variable of the worker is wrong, correct it and restart the worker.',
    recoveries: ['retry', 'reset'],
  },
  BrokerRefused: {
    meaning:
      'Kafka refuses what the step asks and would refuse it again, such as a record that is too large for its topic',
    whatToDo:
      'Change the setting that the message names. Then retry the micro-batch, or reset the run to the step that failed.',
    recoveries: ['repair', 'reset', 'rerun'],
  },
  BrokerError: {
    meaning: 'the Kafka broker is down or slow',
    whatToDo:
      'Start the broker; the step then continues by itself. If it is running and the message names a KAFKA_ variable, correct that and restart the worker.',
    recoveries: ['retry', 'reset'],
  },
  TrainingError: {
    meaning: 'a thread that grows the forest died, or memory ran out',
    whatToDo:
      'Give the worker more memory or fewer FOREST_THREADS, and restart it. The step then continues by itself.',
    recoveries: ['retry', 'reset'],
  },
  RegistryError: {
    meaning: 'the model registry, itself a workflow, did not answer',
    whatToDo: 'Start a worker on this task queue, of the current version. The step then continues by itself.',
    recoveries: ['retry', 'reset'],
  },
  SchemaRegistryError: {
    meaning: 'the Schema Registry is down, does not let the worker in, or SCHEMA_REGISTRY_URL is missing',
    whatToDo: 'Start the registry, or correct the variable that the message names and restart the worker.',
    recoveries: ['retry', 'reset'],
  },
  SchemaRefused: {
    meaning: 'the Schema Registry refuses the JSON schema of what would be written; nothing was written',
    whatToDo: 'Use another topic, or change the compatibility of the subject. Then reset, or start again.',
    recoveries: ['reset', 'rerun'],
  },
  NotificationError: {
    meaning: 'the receiver at NOTIFY_WEBHOOK did not accept a notification; no run waits for it',
    whatToDo: 'Nothing for a run. Check the receiver, NOTIFY_WEBHOOK and NOTIFY_SECRET.',
    recoveries: ['retry'],
  },
  MlflowError: {
    meaning: 'the MLflow server is down or slow, or another server answers at MLFLOW_TRACKING_URI',
    whatToDo:
      'Start the server; the step then continues by itself. If it is running, correct MLFLOW_TRACKING_URI and restart the worker. After an hour the run completes without it: reset it to "log to mlflow".',
    recoveries: ['retry', 'reset'],
  },
  MlflowRefused: {
    meaning:
      'MLflow refuses what the step asks and would refuse it again, such as a deleted experiment; the run completes without it',
    whatToDo:
      'Restore the experiment, or change the setting that the message names. Then reset the run to "log to mlflow".',
    recoveries: ['reset'],
  },
  MicroBatchesFailed: {
    meaning: 'some micro-batches failed for good and were not repaired in time; the others are done',
    whatToDo:
      'Fix the cause, then reset the run to "score stream", or start the continuous stream again. Finished micro-batches are not written again.',
    recoveries: ['reset', 'rerun'],
  },
  NothingScored: {
    meaning: 'every record that the stream read was dead-lettered, so it has predicted nothing',
    whatToDo:
      'Correct the producer of the records, or score them with a model that has their features. Then start again; "imdb dead-letters replay" sends the dead letters back to the topic.',
    recoveries: ['rerun'],
  },
  WorkerMissing: {
    meaning:
      'no worker with the role that the message names takes the work: none polls its task queue, or each is busy with another training',
    whatToDo:
      'Start a worker with that role and the TASK_QUEUE of the run. The step then continues by itself.',
    recoveries: ['retry', 'reset'],
  },
  Timeout: {
    meaning: 'the worker was lost during the step, or the time for all attempts is over',
    whatToDo:
      'Start a worker. If the step is still retried, it continues by itself; otherwise reset the run to it.',
    recoveries: ['retry', 'reset'],
  },
  Cancelled: {
    meaning: 'an operator cancelled it; its open transactions were aborted',
    whatToDo:
      'Nothing. To do the work after all, reset the run to the step where it was, or start a new run.',
    recoveries: ['reset', 'rerun'],
  },
  Terminated: {
    meaning: 'an operator terminated it, or a new start of its id did',
    whatToDo:
      'Nothing. To do the work after all, reset the run to the step where it was, or start a new run.',
    recoveries: ['reset', 'rerun'],
  },
  Error: {
    meaning: 'an error that this program does not know, most likely a bug',
    whatToDo:
      'Report it with the stack trace from the UI. Correct the code and restart the worker; the step then continues by itself.',
    recoveries: ['retry', 'reset'],
  },
} as const satisfies Record<string, Advice>;

export const ADVISED_TYPES = Object.keys(ADVICE) as (keyof typeof ADVICE)[];

/** An unknown type gets the advice on `Error`. */
export function adviceOn(failureType: string): Advice {
  return isAdvised(failureType) ? ADVICE[failureType] : ADVICE.Error;
}

/** The runbook's section on the type. */
export function runbookAnchor(failureType: string): string {
  return `docs/runbook.md#${runbookSection(failureType)}`;
}

export function runbookSection(failureType: string): string {
  return (isAdvised(failureType) ? failureType : 'Error').toLowerCase();
}

/** What a reset depends on. */
export interface ResettableFailure {
  readonly type: string;
  /** The failure's place: of an artifact, its uri. */
  readonly where?: string | undefined;
  /** Of the failure that it caused further up, if any. */
  readonly outerType?: string | undefined;
}

/**
 * The step that a reset has to repeat: the one that wrote a corrupt artifact, else the one that failed.
 * @returns undefined when a reset does not help
 */
export function stepToReset(
  { type, where = '', outerType = type }: ResettableFailure,
  failedAt: PipelineStep | undefined,
): PipelineStep | undefined {
  if (!adviceOn(outerType).recoveries.includes('reset')) return undefined;
  return (type === 'ArtifactCorrupt' ? stepOfArtifact(where) : undefined) ?? failedAt;
}

const THROWN_BY_WORKFLOWS: readonly string[] = ['MicroBatchesFailed', 'NothingScored'];

/** Whether the retry policy of activities makes another attempt after such a failure. */
export function isRetried(failureType: string): boolean {
  return ![...NON_RETRYABLE, ...THROWN_BY_WORKFLOWS].includes(failureType);
}

function isAdvised(failureType: string): failureType is keyof typeof ADVICE {
  return Object.hasOwn(ADVICE, failureType);
}
