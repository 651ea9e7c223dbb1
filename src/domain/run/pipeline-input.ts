import { z } from 'zod';
import { parseInput, section } from '../input-schema.ts';
import { qualityOptions } from '../dataset/quality/quality-options.ts';
import { parsePathTemplate } from '../dataset/path-template.ts';
import { promotionOptions } from '../registry/promotion-options.ts';
import { streamOptions, topicName } from '../stream/stream-options.ts';

/** Fractions written as decimals miss 1 by rounding. */
const FRACTION_TOLERANCE = 1e-9;
const MAX_SEED = 2 ** 31 - 1;
/** Each is an activity with an artifact of its own; more would cost more than they save. */
const MAX_SHARDS = 100;

const columnName = z.string().min(1);
const fraction = z.number().gt(0).lt(1);
const seed = z.int().min(0).max(MAX_SEED);
/** Checks the syntax only: the workflow sandbox has no zone data, so the activity that resolves the path checks the zone. */
const timezone = z
  .string()
  .regex(/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/, 'expected an IANA time zone like "Europe/Berlin"');

const datasetPath = z
  .string()
  .min(1)
  .check(({ value, issues }) => {
    for (const message of parsePathTemplate(value).problems) {
      issues.push({ code: 'custom', message, input: value });
    }
  });

const dataset = section({
  path: datasetPath
    .default('movies.csv')
    .describe('CSV below `DATA_DIR`; may contain date parts: `movies-{yyyy-MM-dd}.csv`'),
  target: columnName.default('imdb_score').describe('Column to predict'),
  features: z
    .union([z.literal('numeric'), z.array(columnName).min(1)], 'expected "numeric" or a list of column names')
    .default('numeric')
    .describe('Every mostly numeric column, or a list of columns'),
  key: columnName
    .optional()
    .describe('Column that identifies a film; else `movie_imdb_link` or a hash of the row'),
  maxMissing: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('`"numeric"` leaves out columns that lack a number in a larger share of rows'),
  delimiter: z
    .string()
    .regex(/^([^\r\n"]|tab|\\t)$/, 'expected one character, or "tab"')
    .optional()
    .describe('Character between cells, or `"tab"`; else found by looking'),
  encoding: z
    .string()
    .min(1)
    .max(40)
    .optional()
    .describe('Encoding like `"windows-1252"`; else UTF-8 or UTF-16, found by looking'),
  decimal: z
    .enum(['.', ','])
    .optional()
    .describe('`"."` or `","`: decimal sign of every column; else each column decides'),
  comment: z
    .string()
    .regex(/^[^\r\n]{1,10}$/, 'expected the beginning of a comment line, like "#"')
    .optional()
    .describe('Lines that begin with it are skipped; else none'),
  header: z.boolean().default(true).describe('`false`: no header line; columns are `column1`, `column2`, …'),
  maxBadRows: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe('Share of rows with too many cells or malformed quotes above which the run fails'),
  asOf: z.iso
    .datetime({ offset: true, error: 'expected a time like "2026-11-22T02:00:00Z"' })
    .optional()
    .describe('Time for the date parts; else the scheduled time, else the start'),
  timezone: timezone.default('UTC').describe('Time zone of the date parts'),
})
  .refine(({ target, features }) => features === 'numeric' || !features.includes(target), {
    path: ['features'],
    error: 'the target cannot be one of the features',
  })
  .refine(({ features }) => features === 'numeric' || new Set(features).size === features.length, {
    path: ['features'],
    error: 'a feature is named twice',
  });

const split = section({
  train: fraction.default(0.8).describe('Share for training; the three add up to 1'),
  batch: fraction.default(0.1).describe('Share for evaluation'),
  stream: fraction.default(0.1).describe('Share scored in micro-batches'),
  seed: seed.default(42).describe('Another seed gives another split'),
}).refine(({ train, batch, stream }) => Math.abs(train + batch + stream - 1) <= FRACTION_TOLERANCE, {
  error: ({ input }) => `train + batch + stream add up to ${sumOfFractions(input)}, expected 1`,
});

const forest = section({
  engine: z
    .enum(['histogram', 'ml-random-forest'])
    .default('histogram')
    .describe('`"histogram"` or `"ml-random-forest"`: see [forest](forest.md)'),
  trees: z.int().min(1).max(10_000).default(100).describe('`n_estimators` in scikit-learn'),
  maxDepth: z.int().min(1).optional().describe('`max_depth`, else unlimited'),
  minLeafRows: z.int().min(1).default(1).describe('`min_samples_leaf`'),
  featureFraction: z.number().gt(0).max(1).default(1).describe('`max_features`, as a share'),
  maxRows: z.int().min(2).optional().describe('Train on a sample of at most so many rows, else on all'),
  seed: seed.default(42).describe('`random_state`'),
  shards: z.int().min(1).max(MAX_SHARDS).optional().describe('Activities that grow the trees, else by size'),
})
  .refine(({ shards = 1, trees }) => shards <= trees, {
    path: ['shards'],
    error: 'there are more shards than trees',
  })
  .refine(({ engine, shards = 1 }) => engine !== 'ml-random-forest' || shards === 1, {
    path: ['shards'],
    error:
      'the engine "ml-random-forest" trains in one activity, because each tree sets the seed of the next',
  });

/** A run's own records follow the contract, so a bad record is a bug or comes from another producer. */
const stream = section(streamOptions({ maxBadFraction: 0 }));

const pipelineInput = section({
  dataset: dataset.prefault({}),
  quality: qualityOptions().prefault({}),
  split: split.prefault({}),
  topic: topicName().default('a1').describe('Kafka topic of the published rows'),
  forest: forest.prefault({}),
  stream: stream.prefault({}),
  promotion: promotionOptions().prefault({}),
});

/** What a run does, all defaults filled in. */
export type PipelineInput = z.output<typeof pipelineInput>;
/** What an operator writes: every field is optional. */
export type PipelineInputJson = z.input<typeof pipelineInput>;
export type ForestParams = PipelineInput['forest'];

/** @throws InvalidInput naming every wrong field, what was expected and received */
export function parsePipelineInput(input: unknown): PipelineInput {
  return parseInput(
    'ratingPipeline',
    pipelineInput,
    input,
    'Correct these fields and start again; every field is optional, {} is the default run',
  );
}

/** For inputs that contain one. */
export function pipelineInputSchema() {
  return pipelineInput;
}

export function pipelineInputJsonSchema(): unknown {
  return z.toJSONSchema(pipelineInput, { io: 'input' });
}

function sumOfFractions(input: unknown): number {
  const { train, batch, stream } = input as Record<string, number>;
  return Number(((train ?? 0) + (batch ?? 0) + (stream ?? 0)).toFixed(9));
}
