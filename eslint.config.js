// The import table of ARCHITECTURE.md, enforced: a folder's path says what its code may touch.
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const VENDORS = [
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
];

/** Refuses value imports (and type imports too, unless `typesFrom` lists the pattern). */
function mayNotImport(folder, message, groups, { typesFrom = [] } = {}) {
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            ...groups.map((group) => ({ group: [group], message })),
            ...typesFrom.map((group) => ({ group: [group], message, allowTypeImports: true })),
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
    '**/report/**',
    'node:*',
    '@temporalio/*',
    '**/workflows/**',
    '**/activities/**',
    '**/adapters/**',
    '**/dev/**',
    '**/config.ts',
  ]),
  mayNotImport(
    'workflows',
    'workflows/ run in a sandbox: domain, @temporalio/workflow and @temporalio/common, types of activities.',
    [
      ...VENDORS,
      'node:*',
      '**/report/**',
      '**/adapters/**',
      '**/dev/**',
      '**/config.ts',
      '@temporalio/activity',
      '@temporalio/client',
      '@temporalio/worker',
      '@temporalio/testing',
      '@temporalio/envconfig',
    ],
    { typesFrom: ['**/activities/**'] },
  ),
  mayNotImport(
    'activities',
    'activities/ know the domain and the ports they declare; adapters are injected.',
    [
      ...VENDORS,
      'node:*',
      '**/adapters/**',
      '**/workflows/**',
      '**/dev/**',
      '**/config.ts',
      '@temporalio/client',
      '@temporalio/worker',
      '@temporalio/workflow',
      '@temporalio/testing',
    ],
  ),
  mayNotImport(
    'adapters',
    'adapters/ wrap one vendor behind a port that activities/ declare.',
    ['**/workflows/**', '**/dev/**'],
    { typesFrom: ['**/activities/**', '**/config.ts'] },
  ),
  mayNotImport(
    'forest',
    'forest/ is the project’s own engine: domain, node:*, types of the ports in activities/.',
    [
      ...VENDORS,
      '@temporalio/*',
      '**/adapters/**',
      '**/workflows/**',
      '**/cli/**',
      '**/dev/**',
      '**/config.ts',
    ],
    { typesFrom: ['**/activities/**'] },
  ),
  mayNotImport('report', 'report/ is pure: text from the domain’s data; whoever draws is handed in.', [
    ...VENDORS,
    'node:*',
    '@temporalio/*',
    '**/workflows/**',
    '**/activities/**',
    '**/adapters/**',
    '**/cli/**',
    '**/dev/**',
    '**/config.ts',
  ]),
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
    files: ['src/config.ts', 'test/support/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  prettier,
);
