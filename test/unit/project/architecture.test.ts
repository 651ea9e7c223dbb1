import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';

/** The real configuration without type information, so that it can lint files that do not exist. */
const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../../../', import.meta.url)),
  overrideConfig: tseslint.configs.disableTypeChecked as ESLint.Options['overrideConfig'] & object,
});

const IMPORT_RULE = '@typescript-eslint/no-restricted-imports';

async function refusals(path: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath: path });
  const rules = new Set([IMPORT_RULE, 'no-restricted-properties', 'no-restricted-syntax']);
  return (result?.messages ?? []).filter(({ ruleId }) => rules.has(ruleId ?? '')).map(({ ruleId }) => ruleId);
}

function importing(from: string, kind: 'value' | 'type' = 'value'): string {
  return kind === 'value'
    ? `import { thing } from '${from}';\nexport const used = thing;\n`
    : `import type { Thing } from '${from}';\nexport type Used = Thing;\n`;
}

test.for<[folder: string, from: string]>([
  ['domain', 'node:crypto'],
  ['domain', 'kafkajs'],
  ['domain', '@temporalio/common'],
  ['domain', '../adapters/csv/danfo.ts'],
  ['domain', '../activities/index.ts'],
  ['domain', '../config.ts'],
  ['domain', '../report/page.ts'],
  ['workflows', 'node:fs'],
  ['workflows', 'pino'],
  ['workflows', '@temporalio/client'],
  ['workflows', '../adapters/csv/danfo.ts'],
  ['workflows', '../activities/index.ts'],
  ['workflows', '../report/page.ts'],
  ['activities', 'node:fs'],
  ['activities', 'danfojs-node'],
  ['activities', '../adapters/csv/danfo.ts'],
  ['activities', '../workflows/index.ts'],
  ['activities', '@temporalio/worker'],
  ['forest', 'ml-random-forest'],
  ['forest', '@temporalio/activity'],
  ['forest', '../adapters/csv/danfo.ts'],
  ['forest', '../activities/heartbeat.ts'],
  ['report', 'vega'],
  ['report', 'node:fs'],
  ['report', '../activities/run/render-report.ts'],
  ['adapters', '../workflows/index.ts'],
  ['adapters', '../dev/process/supervised-process.ts'],
  ['adapters', '../activities/index.ts'],
  ['domain', '../cli/shared/links.ts'],
  ['activities', '../worker/compose.ts'],
  ['adapters', '../cli/shared/output.ts'],
  ['forest', '../worker.ts'],
  ['worker', '../cli/shared/output.ts'],
  ['worker', '../dev/local-services.ts'],
  ['worker', '../workflows/index.ts'],
  ['dev', '../adapters/kafka/client.ts'],
  ['dev', '../cli/shared/output.ts'],
  ['cli/runs', '../../dev/local-services.ts'],
  ['cli/runs', '../../worker.ts'],
  ['cli/runs', '../../workflows/index.ts'],
])('a file in %s may not import %s', async ([folder, from]) => {
  expect(await refusals(`src/${folder}/new-file.ts`, importing(from))).toEqual([IMPORT_RULE]);
});

test.for<[folder: string, from: string, kind: 'value' | 'type']>([
  ['domain', 'zod', 'value'],
  ['domain', './errors.ts', 'value'],
  ['workflows', '@temporalio/workflow', 'value'],
  ['workflows', '../domain/names.ts', 'value'],
  ['workflows', '../activities/index.ts', 'type'],
  ['activities', '@temporalio/activity', 'value'],
  ['activities', 'lru-cache', 'value'],
  ['activities', '../domain/names.ts', 'value'],
  ['forest', 'node:worker_threads', 'value'],
  ['forest', '../domain/errors.ts', 'value'],
  ['forest', '../activities/training/forest-engine.ts', 'type'],
  ['activities', '../report/page.ts', 'value'],
  ['report', '../domain/run/report.ts', 'value'],
  ['adapters', 'kafkajs', 'value'],
  ['adapters', 'node:fs', 'value'],
  ['adapters', '../activities/log/digests.ts', 'type'],
  ['worker', '../adapters/kafka/client.ts', 'value'],
  ['dev', '../domain/names.ts', 'value'],
  ['cli/runs', '../../adapters/temporal/client.ts', 'value'],
  ['cli/local', '../../dev/local-services.ts', 'value'],
  ['cli/local', '../../worker.ts', 'value'],
])('a file in %s may import %s as a %s', async ([folder, from, kind]) => {
  expect(await refusals(`src/${folder}/new-file.ts`, importing(from, kind))).toEqual([]);
});

test('only src/config.ts reads the environment', async () => {
  const code = 'export const home = process.env;\n';

  expect(await refusals('src/adapters/new-file.ts', code)).toEqual(['no-restricted-properties']);
  expect(await refusals('src/domain/new-file.ts', code)).toEqual(['no-restricted-properties']);
  expect(await refusals('src/config.ts', code)).toEqual([]);
});

test.for([
  'let count = 0;\nexport const next = () => (count += 1);\n',
  'export let count = 0;\n',
  'const known = new Map();\nexport const find = (id) => known.get(id);\n',
])('a module that workflows share keeps no state: %j', async (code) => {
  for (const folder of ['domain', 'workflows/stream'])
    expect(await refusals(`src/${folder}/new-file.ts`, code)).toContain('no-restricted-syntax');
  expect(await refusals('src/adapters/new-file.ts', code)).not.toContain('no-restricted-syntax');
});

test.for(['domain', 'activities', 'workflows', 'forest', 'report'])(
  'a file in %s may not call Math.random',
  async (folder) => {
    expect(await refusals(`src/${folder}/new-file.ts`, 'export const luck = Math.random();\n')).toEqual([
      'no-restricted-properties',
    ]);
  },
);
