import { z } from 'zod';
import { artifactRef } from '../artifact.ts';
import { parseInput, section } from '../input-schema.ts';
import { championAlias, DEFAULT_MODEL_NAME } from '../names.ts';
import { championReference } from '../registry/promotion-options.ts';
import { streamOptions, topicName, type StreamOptions } from './stream-options.ts';

const count = z.int().min(0);

/** Further fields of a model in a run's result are dropped, because the model file holds them. */
const modelRef = z.object(
  {
    version: z.string().min(1),
    artifact: artifactRef(),
  },
  'expected a model: the field "model" of the result of a finished ratingPipeline',
);

const streamModel = z.union(
  [modelRef, championReference()],
  'expected a model: the field "model" of the result of a finished ratingPipeline, or ' +
    `"${championAlias(DEFAULT_MODEL_NAME)}" for the current champion`,
);

const start = z.union(
  [
    z.enum(['earliest', 'latest']),
    z.strictObject({ timestamp: z.iso.datetime({ offset: true }) }),
    z.strictObject({ offsets: z.record(z.string().regex(/^\d+$/, 'expected a partition number'), count) }),
  ],
  'expected "earliest", "latest", {"timestamp": "2026-11-22T02:00:00Z"} or {"offsets": {"0": 1200}}',
);

const trigger = z.union(
  [
    z.literal('available-now'),
    section({
      intervalSeconds: z
        .number()
        .min(0.1)
        .max(86_400)
        .default(10)
        .describe('Pause between two polls of the topic; below 1, a poll waits for records'),
      maxRows: z.int().min(1).max(10_000_000).default(100_000).describe('Rows per poll at most'),
    }),
  ],
  'expected "available-now", or {"intervalSeconds": 10, "maxRows": 100000}',
);

const continuousInput = section({
  topic: topicName().default('a1').describe('Predictions go to `<topic>.predictions`'),
  model: streamModel.describe(
    `Field \`model\` of a finished run’s result, or \`"${championAlias(DEFAULT_MODEL_NAME)}"\``,
  ),
  start: start
    .default('earliest')
    .describe(
      'Where the first start begins: also `"latest"`, `{"timestamp": "2026-11-22T02:00:00Z"}`, `{"offsets": {"0": 1200}}`, which names every partition',
    ),
  startOver: z.boolean().default(false).describe('Forget the position and begin at `start`'),
  trigger: trigger
    .prefault({})
    .describe('`"available-now"` scores the present records and completes; else an object:'),
  stream: section({
    ...streamOptions({ maxBadFraction: 1 }),
    value: z
      .enum(['json', 'registry'])
      .optional()
      .describe(
        '`"json"` or `"registry"` for values of a [Schema Registry](schema-registry.md); else found by looking',
      ),
  }).prefault({}),
});

const rangesInput = z.object({
  ranges: z.array(z.object({ partition: count, offsetFrom: count, offsetTo: count })),
  run: z.string().min(1),
  topic: topicName(),
  model: modelRef,
  stream: z.object(streamOptions({ maxBadFraction: 1 })),
});

/** The part of a model that scoring needs; the rest is in its file. */
export type ModelRef = z.output<typeof modelRef>;
/** A model, or a model's name and `@champion`. */
export type StreamModel = z.output<typeof streamModel>;
export type StreamStart = z.output<typeof start>;
export type ContinuousInput = Omit<z.output<typeof continuousInput>, 'stream'> & {
  readonly stream: StreamOptions & { readonly value?: 'json' | 'registry' | undefined };
};
/** What an operator writes to start a stream. */
export type ContinuousInputJson = z.input<typeof continuousInput>;
export type RangesInput = Omit<z.output<typeof rangesInput>, 'stream'> & { readonly stream: StreamOptions };

const HINT = 'Correct these fields and start again; only "model" has no default';

export function continuousInputJsonSchema(): unknown {
  return z.toJSONSchema(continuousInput, { io: 'input' });
}

/** @throws InvalidInput */
export function parseContinuousInput(input: unknown): ContinuousInput {
  return parseInput('scoreStream', continuousInput, input, HINT);
}

/** @throws InvalidInput */
export function parseRangesInput(input: unknown): RangesInput {
  return parseInput('scoreStream', rangesInput, input, HINT);
}
