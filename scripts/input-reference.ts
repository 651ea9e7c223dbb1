/** The pages of docs/ that list the fields of an input, rendered from the schemas that check it. */
import { format, resolveConfig } from 'prettier';
import { pipelineInputJsonSchema } from '../src/domain/run/pipeline-input.ts';
import { workflowType } from '../src/domain/names.ts';
import { registryInputJsonSchema } from '../src/domain/registry/registry-input.ts';
import { collectInputJsonSchema } from '../src/domain/retention-input.ts';
import { continuousInputJsonSchema } from '../src/domain/stream/stream-input.ts';

interface Field {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Field[];
}

interface Page {
  /** Below docs/. */
  readonly file: string;
  readonly workflow: keyof typeof SCHEMAS;
  readonly title: string;
  readonly introduction: string;
}

/** Of the workflows that people start. */
const SCHEMAS = {
  [workflowType.ratingPipeline]: pipelineInputJsonSchema(),
  [workflowType.scoreStream]: continuousInputJsonSchema(),
  [workflowType.modelRegistry]: registryInputJsonSchema(),
  [workflowType.artifactsGc]: collectInputJsonSchema(),
};

const PAGES: readonly Page[] = [
  {
    file: 'input.md',
    workflow: 'ratingPipeline',
    title: 'Input of a run',
    introduction:
      'The input of `ratingPipeline`. Every field is optional; `{}` is the default run. ' +
      'Unknown and wrong fields are refused as `InvalidInput`, all at once, before any data is read. ' +
      'On the command line: `--set forest.trees=20`, or `--input run.json`.',
  },
  {
    file: 'stream-input.md',
    workflow: 'scoreStream',
    title: 'Input of a stream',
    introduction:
      'The input of `scoreStream` as an operator starts it. Only `model` is required. ' +
      'See [streams](streams.md).',
  },
];

const GENERATED = '<!-- Generated from the zod schemas by `npm run docs:input`; do not edit. -->';

/** The text of each page by its file below docs/. */
export async function renderInputPages(): Promise<ReadonlyMap<string, string>> {
  const style = await resolveConfig(new URL('../docs/input.md', import.meta.url));
  const pages = PAGES.map(async ({ file, workflow, title, introduction }): Promise<[string, string]> => {
    const rows = toRows(SCHEMAS[workflow] as Field);
    const table = ['| field | default | meaning and limits |', '| - | - | - |', ...rows];
    const link = `As JSON Schema: [${workflow}](${schemaFile(workflow)}).`;
    const text = [GENERATED, `# ${title}`, `${introduction} ${link}`, table.join('\n')].join('\n\n');
    return [file, await format(text, { ...style, parser: 'markdown' })];
  });
  return new Map(await Promise.all(pages));
}

/** JSON Schema files by their place below docs/: what a workflow takes, for editors and other programs. */
export async function renderInputSchemas(): Promise<ReadonlyMap<string, string>> {
  const style = await resolveConfig(new URL('../docs/input.md', import.meta.url));
  const files = Object.entries(SCHEMAS).map(async ([workflow, schema]): Promise<[string, string]> => {
    const text = JSON.stringify({ title: `Input of ${workflow}`, ...(schema as object) });
    return [schemaFile(workflow), await format(text, { ...style, parser: 'json' })];
  });
  return new Map(await Promise.all(files));
}

function schemaFile(workflow: string): string {
  return `schemas/${workflow}.json`;
}

function toRows({ properties = {}, required = [] }: Field, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    if (field.properties) return toRows(field, `${path}.`);
    const { description, enum: options = [] } = field;
    if (description === undefined) throw new Error(`the input field ${path} has no description`);
    const unnamed = options.filter((option) => !description.includes(`"${option}"`));
    if (unnamed.length > 0) throw new Error(`the description of ${path} does not name ${unnamed.join(', ')}`);
    const whenAbsent = required.includes(name) ? 'required' : toDefault(field);
    // An alternative with required fields, such as a model reference, is written as a whole; its description shows it.
    const alternatives = (field.anyOf ?? []).filter((option) => option.required === undefined);
    return [
      `| \`${path}\` | ${whenAbsent} | ${[description, toLimits(field).join(', ')].filter(Boolean).join('; ')} |`,
      ...alternatives.flatMap((option) => toRows(option, `${path}.`)),
    ];
  });
}

function toDefault({ default: value }: Field): string {
  return value === undefined || typeof value === 'object' ? '–' : `\`${JSON.stringify(value)}\``;
}

function toLimits({ minimum, maximum: bound, exclusiveMinimum, exclusiveMaximum }: Field): string[] {
  // zod bounds every integer by the largest that a double counts exactly.
  const maximum = bound === Number.MAX_SAFE_INTEGER ? undefined : bound;
  if (minimum !== undefined && maximum !== undefined) return [`${toText(minimum)} to ${toText(maximum)}`];
  return [
    ...(minimum === undefined ? [] : [`at least ${toText(minimum)}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${toText(exclusiveMinimum)}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${toText(exclusiveMaximum)}`]),
    ...(maximum === undefined ? [] : [`at most ${toText(maximum)}`]),
  ];
}

function toText(limit: number): string {
  return limit.toLocaleString('en-US');
}
