/**
 * Every way a step can fail. The Temporal UI shows the class name as the failure type; the message says what failed,
 * where, what was expected and received, and what to do.
 *
 * Activities throw these; Temporal turns the name into `ApplicationFailure.type`, and {@link NON_RETRYABLE}
 * feeds the one retry policy that decides whether another attempt could help.
 */
export interface ErrorFacts {
  /** What failed, e.g. `cannot read a1`. */
  readonly what: string;
  /** The place: file and line, topic[partition]@offset, artifact. */
  readonly where?: string;
  readonly expected?: string;
  readonly got?: string;
  /** What the operator can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

function toMessage({ what, where, expected, got, hint }: ErrorFacts): string {
  const place = where === undefined ? '' : ` [${where}]`;
  const facts = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(', ');
  return `${what}${place}${facts && `: ${facts}`}${hint === undefined ? '' : `. ${hint}`}`;
}

/** The base of this project's own errors, whose messages need no further explanation. */
export abstract class PipelineError extends Error {
  readonly facts: Omit<ErrorFacts, 'cause'>;

  constructor({ cause, ...facts }: ErrorFacts) {
    super(toMessage(facts), cause === undefined ? undefined : { cause });
    this.facts = facts;
  }
}

/** The input of a run is wrong; only a corrected input helps. */
export class InvalidInput extends PipelineError {
  override readonly name = 'InvalidInput';
}

/** The CSV is missing, malformed, or has too few usable rows or columns. */
export class DatasetError extends PipelineError {
  override readonly name = 'DatasetError';
}

/** The rows of the CSV are too few, or differ too much from those of the champion, to train on: see the input's `quality`. */
export class DataQualityError extends PipelineError {
  override readonly name = 'DataQualityError';
}

/** A Kafka record does not follow the record contract. */
export class MalformedRecord extends PipelineError {
  override readonly name = 'MalformedRecord';
}

/** More records of a micro-batch break the contract than the input allows. */
export class TooManyBadRecords extends PipelineError {
  override readonly name = 'TooManyBadRecords';
}

/** A later start of the same continuous stream has taken over; this one must write nothing more. */
export class StreamOvertaken extends PipelineError {
  override readonly name = 'StreamOvertaken';
}

/** A model does not match the rows or the file that it was given. */
export class ModelMismatch extends PipelineError {
  override readonly name = 'ModelMismatch';
}

/** Wanted offsets are no longer, or not yet, in the topic: aged out, truncated, or the topic was recreated. */
export class OffsetsOutOfRange extends PipelineError {
  override readonly name = 'OffsetsOutOfRange';
}

/** Kafka no longer has what a stream has committed, so how far it is cannot be proven. */
export class PositionLost extends PipelineError {
  override readonly name = 'PositionLost';
}

/** Two counts or hashes that must agree do not. */
export class ReconciliationError extends PipelineError {
  override readonly name = 'ReconciliationError';
}

/** A stored artifact's bytes are not the ones its reference names. */
export class ArtifactCorrupt extends PipelineError {
  override readonly name = 'ArtifactCorrupt';
}

/** The store of artifacts or datasets cannot be read or written right now. Retried. */
export class ArtifactStoreError extends PipelineError {
  override readonly name = 'ArtifactStoreError';
}

/** This worker uses another artifact store than the one that the run began with. Retried slowly: another worker can do it. */
export class ArtifactStoreMismatch extends PipelineError {
  override readonly name = 'ArtifactStoreMismatch';
}

/** Kafka, an object store or MLflow does not let this worker in: a login, a certificate, a permission. Retried slowly: an operator can grant it. */
export class AccessError extends PipelineError {
  override readonly name = 'AccessError';
}

/** Kafka would refuse it again: a record that is too large for its topic, a setting of the cluster. */
export class BrokerRefused extends PipelineError {
  override readonly name = 'BrokerRefused';
}

/** The broker is down, slow, or has fenced this attempt. Retried. */
export class BrokerError extends PipelineError {
  override readonly name = 'BrokerError';
}

/** Growing the forest failed for a reason outside the data: a thread died, memory ran out. Retried. */
export class TrainingError extends PipelineError {
  override readonly name = 'TrainingError';
}

/** The model registry did not answer. Retried. */
export class RegistryError extends PipelineError {
  override readonly name = 'RegistryError';
}

/** The Schema Registry does not answer, or does not let this worker in. Retried; no record counts as bad because of it. */
export class SchemaRegistryError extends PipelineError {
  override readonly name = 'SchemaRegistryError';
}

/** The Schema Registry refuses the schema of what would be written: it does not fit the earlier ones of its subject. */
export class SchemaRefused extends PipelineError {
  override readonly name = 'SchemaRefused';
}

/** The receiver at NOTIFY_WEBHOOK is away. Retried for a day; no run waits for it. */
export class NotificationError extends PipelineError {
  override readonly name = 'NotificationError';
}

/** The MLflow server is down, slow, or answers something else than JSON. Retried for an hour; no run fails of it. */
export class MlflowError extends PipelineError {
  override readonly name = 'MlflowError';
}

/** MLflow would refuse it again: a deleted experiment, a name that it does not allow. No run fails of it. */
export class MlflowRefused extends PipelineError {
  override readonly name = 'MlflowRefused';
}

/** Failure types that another attempt cannot fix. */
export const NON_RETRYABLE = [
  'InvalidInput',
  'DatasetError',
  'DataQualityError',
  'MalformedRecord',
  'TooManyBadRecords',
  'StreamOvertaken',
  'ModelMismatch',
  'OffsetsOutOfRange',
  'PositionLost',
  'ReconciliationError',
  'ArtifactCorrupt',
  'BrokerRefused',
  'MlflowRefused',
  'SchemaRefused',
] as const;
