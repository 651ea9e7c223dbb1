// The import table of ARCHITECTURE.md, enforced: a folder's path says what its code may touch.
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const VENDORS = [
  'apache-arrow',
  'avsc',
  '@aws-sdk/*',
  'kafkajs',
  'danfojs-node',
  'ml-random-forest',
  'random-js',
  'protobufjs',
  'papaparse',
  'commander',
  'listr2',
  'cli-table3',
  'execa',
  'pino',
  'pino-pretty',
  'get-port',
  'vega',
  'vega-datasets',
  'open',
  '@date-fns/tz',
  'vega-lite',
  'lru-cache',
  'fzstd',
  'snappyjs',
  '@opentelemetry/*',
];

/** What puts the others together. */
const PROGRAMS_BUT_CONFIG = ['**/worker.ts', '**/worker/**', '**/cli/**', '**/dev/**'];
const PROGRAMS = [...PROGRAMS_BUT_CONFIG, '**/config.ts'];

/**
 * Refuses imports of the patterns in the files of a folder.
 *
 * @param typesFrom patterns that types may be imported from
 */
function mayNotImport(folder, message, patterns, { typesFrom = [], ignores = [] } = {}) {
  return {
    files: [`src/${folder}/**/*.ts`, `src/${folder}.ts`],
    ignores,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            ...patterns.map((pattern) => ({ group: [pattern], message })),
            ...typesFrom.map((pattern) => ({ group: [pattern], message, allowTypeImports: true })),
          ],
        },
      ],
    },
  };
}

export default defineConfig(
  { ignores: ['dist/', '.local/', 'node_modules/', 'src/forest/assembly/'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/require-await': 'off',
      'no-console': 'error',
      'max-lines': ['error', 250],
      // `!` hides an invariant; `as T` at least names it.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { ignoreRestSiblings: true, varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
      'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' },
      ],
    },
  },
  mayNotImport('domain', 'domain/ is pure: it imports itself and zod.', [
    ...VENDORS,
    ...PROGRAMS,
    'node:*',
    '@temporalio/*',
    '**/report/**',
    '**/forest/**',
    '**/workflows/**',
    '**/activities/**',
    '**/adapters/**',
  ]),
  mayNotImport(
    'workflows',
    'workflows/ run in a sandbox: domain, @temporalio/workflow and @temporalio/common, types of activities.',
    [
      ...VENDORS,
      ...PROGRAMS,
      'node:*',
      '@temporalio/activity',
      '@temporalio/client',
      '@temporalio/worker',
      '@temporalio/testing',
      '@temporalio/envconfig',
      '**/report/**',
      '**/forest/**',
      '**/adapters/**',
    ],
    { typesFrom: ['**/activities/**'] },
  ),
  mayNotImport(
    'activities',
    'activities/ know the domain, the ports they declare and lru-cache; adapters are injected.',
    [
      // A cache is a data structure: a port for it would be the same interface once more.
      ...VENDORS.filter((vendor) => vendor !== 'lru-cache'),
      ...PROGRAMS,
      'node:*',
      '@temporalio/client',
      '@temporalio/worker',
      '@temporalio/workflow',
      '@temporalio/testing',
      '**/workflows/**',
      '**/adapters/**',
    ],
  ),
  mayNotImport(
    'adapters',
    'adapters/ wrap one vendor behind a port that activities/ declare.',
    [...PROGRAMS_BUT_CONFIG, '**/workflows/**'],
    { typesFrom: ['**/activities/**', '**/config.ts'] },
  ),
  mayNotImport(
    'forest',
    'forest/ is the project’s own engine: domain, node:*, types of the ports in activities/.',
    [...VENDORS, ...PROGRAMS, '@temporalio/*', '**/adapters/**', '**/workflows/**'],
    { typesFrom: ['**/activities/**'] },
  ),
  mayNotImport('report', 'report/ is pure: text from the domain’s data; whoever draws is handed in.', [
    ...VENDORS,
    ...PROGRAMS,
    'node:*',
    '@temporalio/*',
    '**/forest/**',
    '**/workflows/**',
    '**/activities/**',
    '**/adapters/**',
  ]),
  mayNotImport(
    'worker',
    'A worker takes workflows by their path, and needs no commands and no local servers.',
    ['**/workflows/**', '**/cli/**', '**/dev/**'],
  ),
  mayNotImport('dev', 'dev/ starts servers; it knows nothing of pipelines but names.', [
    '**/worker.ts',
    '**/worker/**',
    '**/cli/**',
    '**/report/**',
    '**/forest/**',
    '**/workflows/**',
    '**/activities/**',
    '**/adapters/**',
  ]),
  mayNotImport(
    'cli',
    'Commands start workflows by their names, and only those in cli/local/ start servers or workers.',
    ['**/workflows/**', '**/dev/**', '**/worker.ts'],
    {
      ignores: ['src/cli/local/**'],
    },
  ),
  {
    files: ['src/{domain,activities,workflows,forest,report}/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Same input, same result: take a seed.' },
        { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' },
      ],
    },
  },
  {
    files: ['src/{domain,workflows}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          'Program > VariableDeclaration[kind="let"]',
          'Program > ExportNamedDeclaration > VariableDeclaration[kind="let"]',
          'Program > VariableDeclaration > VariableDeclarator:not([id.typeAnnotation.typeAnnotation.typeName.name=/^Readonly/]) > NewExpression[callee.name=/^(Map|Set|WeakMap)$/][arguments.length=0]',
        ].map((selector) => ({
          selector,
          message:
            'All workflows of a worker share this module: keep what belongs to one of them in ownState.',
        })),
      ],
    },
  },
  {
    files: ['src/config.ts', 'test/support/**/*.{ts,js}'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  prettier,
);
