import { z } from 'zod';
import { MAX_TOPIC_LENGTH } from '../names.ts';

export function topicName() {
  return z
    .string()
    .max(MAX_TOPIC_LENGTH)
    .regex(/^[a-zA-Z0-9._-]+$/, 'Kafka allows letters, digits, ".", "_" and "-" in a topic name')
    .refine((name) => name !== '.' && name !== '..', 'Kafka refuses the topic names "." and ".."');
}

/** Larger ones are not faster, but take more memory and longer to show: see docs/decisions/0017-micro-batch-size.md. */
const DEFAULT_BATCH_ROWS = 10_000;

/** Options of micro-batches, for a run's stream split and for a continuous stream. */
export function streamOptions(defaults: { readonly maxBadFraction: number }) {
  return {
    microBatchRows: z
      .int()
      .min(1)
      .max(100_000)
      .default(DEFAULT_BATCH_ROWS)
      .describe('Rows of a micro-batch at most, less when rows are few'),
    microBatchBytes: z
      .int()
      .min(1)
      .max(128_000_000)
      .default(16_000_000)
      .describe('Bytes of its records at most'),
    inFlight: z.int().min(1).max(100).default(4).describe('Micro-batches at the same time'),
    onBadRecord: z
      .enum(['dead-letter', 'fail'])
      .default('dead-letter')
      .describe('`"dead-letter"` sets a bad record aside, `"fail"` fails its micro-batch'),
    maxBadFraction: z
      .number()
      .min(0)
      .max(1)
      .default(defaults.maxBadFraction)
      .describe('Bad records above this share fail the micro-batch'),
    onBatchFailure: z
      .enum(['wait', 'fail'])
      .default('wait')
      .describe('`"wait"` for an operator, or `"fail"` once the others are done'),
    repairTimeoutHours: z
      .number()
      .positive()
      .max(30 * 24)
      .default(12)
      .describe('Longest wait for the operator'),
    registerSchemas: z
      .boolean()
      .default(false)
      .describe('Write with registered JSON schemas: see [Schema Registry](schema-registry.md)'),
  };
}

export interface StreamOptions {
  readonly microBatchRows: number;
  readonly microBatchBytes: number;
  readonly inFlight: number;
  readonly onBadRecord: 'dead-letter' | 'fail';
  readonly maxBadFraction: number;
  readonly onBatchFailure: 'wait' | 'fail';
  readonly repairTimeoutHours: number;
  readonly registerSchemas: boolean;
}
