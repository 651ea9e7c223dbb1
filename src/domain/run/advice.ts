import { NON_RETRYABLE } from '../errors.ts';

/** What sets failed work going again: by itself, or by a command that costs more from left to right. */
export type Recovery = 'retry' | 'repair' | 'reset' | 'rerun';

export interface Advice {
  readonly meaning: string;
  /** What a person can do, in one or two sentences. */
  readonly whatToDo: string;
  /** What helps then, the cheapest first. */
  readonly recoveries: readonly Recovery[];
}

/** By failure type, as the Temporal UI shows it. `docs/runbook.md` has a section for each. */
const ADVICE = {
  InvalidInput: {
    meaning: 'a field of the input is wrong, or a path leads out of the worker’s DATA_DIR',
    whatToDo: 'Start a new run with the field corrected. The input of this one cannot be changed.',
    recoveries: ['rerun'],
  },
  DatasetError: {
    meaning: 'the CSV is missing, malformed, or has too little in it',
    whatToDo: 'Correct the file in the worker’s DATA_DIR, then reset the run to the step that failed.',
    recoveries: ['reset', 'rerun'],
  },
  MalformedRecord: {
    meaning: 'a record in the topic does not follow the contract',
    whatToDo:
      'Find who wrote the record. Its batch can be left out; or the record goes to the dead letters in a run with stream.onBadRecord "dead-letter".',
    recoveries: ['repair', 'rerun'],
  },
  TooManyBadRecords: {
    meaning: 'a micro-batch has a larger share of bad records than stream.maxBadFraction',
    whatToDo: 'Correct what writes them, then leave the batch out; or allow more in a new run.',
    recoveries: ['repair', 'rerun'],
  },
  StreamOvertaken: {
    meaning: 'a later start of the same stream has taken over, so this one stopped writing',
    whatToDo: 'End what is left of this one and start the stream again: it goes on where it was.',
    recoveries: ['rerun'],
  },
  ModelMismatch: {
    meaning: 'the model and the rows, or the model and the worker, do not belong together',
    whatToDo: 'Run the same version on all workers and train again.',
    recoveries: ['rerun'],
  },
  OffsetsOutOfRange: {
    meaning: 'records are gone from the topic, or the topic is',
    whatToDo:
      'If the topic is missing, create it or correct its name. If records aged out, raise its retention; what is gone can be left out, or published by a new run.',
    recoveries: ['repair', 'rerun'],
  },
  ReconciliationError: {
    meaning:
      'counts or hashes that must agree do not: somebody else wrote to the topics, or deleted from them',
    whatToDo:
      'Do not use the predictions. Find the writer, then start a new run, best on a topic of its own.',
    recoveries: ['rerun'],
  },
  ArtifactCorrupt: {
    meaning: 'a file in ARTIFACT_DIR is not the one that was written; its bytes were not used',
    whatToDo: 'Find what changed it, then reset the run to the step that wrote it.',
    recoveries: ['reset', 'rerun'],
  },
  ArtifactStoreError: {
    meaning: 'ARTIFACT_DIR cannot be read or written',
    whatToDo:
      'Make room on the disk, correct the permission, or give all workers the same ARTIFACT_DIR. The step then goes on by itself.',
    recoveries: ['retry', 'reset'],
  },
  BrokerError: {
    meaning: 'the Kafka broker is away, slow, or refuses this worker',
    whatToDo:
      'Start the broker; the step then goes on by itself. If it is there, correct KAFKA_BROKERS or the credentials and restart the worker.',
    recoveries: ['retry', 'reset'],
  },
  TrainingError: {
    meaning: 'a thread that grows the forest died, or memory ran out',
    whatToDo:
      'Give the worker more memory, or fewer FOREST_THREADS, and restart it. The step then goes on by itself.',
    recoveries: ['retry', 'reset'],
  },
  RegistryError: {
    meaning: 'the model registry, a workflow itself, did not answer',
    whatToDo: 'Start a worker on this task queue; the step then goes on by itself.',
    recoveries: ['retry', 'reset'],
  },
  NotificationError: {
    meaning: 'NOTIFY_WEBHOOK did not take a notification; the run does not wait for it',
    whatToDo: 'Nothing for this run. Look into the receiver, or correct NOTIFY_WEBHOOK and its secret.',
    recoveries: ['retry'],
  },
  MicroBatchesFailed: {
    meaning: 'some micro-batches failed for good and nobody repaired them in time; the others are done',
    whatToDo:
      'Mend the cause, then reset the run to "score stream", or start a continuous stream again. Finished batches are not written again.',
    recoveries: ['reset', 'rerun'],
  },
  Timeout: {
    meaning: 'a worker was lost in the middle of the step, or the time for all attempts is over',
    whatToDo:
      'Start a worker. While the step is retried it goes on by itself; when its time is over, reset to it.',
    recoveries: ['retry', 'reset'],
  },
  Cancelled: {
    meaning: 'somebody cancelled it; what was open was closed cleanly',
    whatToDo: 'Nothing. To have the work done after all, reset to where it was, or start a new run.',
    recoveries: ['reset', 'rerun'],
  },
  Terminated: {
    meaning: 'somebody terminated it, or a new start of its id did',
    whatToDo: 'Nothing. To have the work done after all, reset to where it was, or start a new run.',
    recoveries: ['reset', 'rerun'],
  },
  Error: {
    meaning: 'an error that this program does not know: most likely a bug in it',
    whatToDo:
      'Report it with the stack trace in the UI. Correct the code and restart the worker; the step then goes on by itself.',
    recoveries: ['retry', 'reset'],
  },
} as const satisfies Record<string, Advice>;

export const ADVISED_TYPES = Object.keys(ADVICE) as (keyof typeof ADVICE)[];

/** Of `Error` when the type is unknown. */
export function adviceOn(failureType: string): Advice {
  return isAdvised(failureType) ? ADVICE[failureType] : ADVICE.Error;
}

/** Where the runbook speaks of it. */
export function runbookAnchor(failureType: string): string {
  return `docs/runbook.md#${(isAdvised(failureType) ? failureType : 'Error').toLowerCase()}`;
}

/** Whether the retry policy of activities makes another attempt after such a failure. */
export function isRetried(failureType: string): boolean {
  return !(NON_RETRYABLE as readonly string[]).includes(failureType) && failureType !== 'MicroBatchesFailed';
}

function isAdvised(failureType: string): failureType is keyof typeof ADVICE {
  return Object.hasOwn(ADVICE, failureType);
}
