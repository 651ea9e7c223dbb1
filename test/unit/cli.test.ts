import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A loader that refuses packages which take long to load, so that the command fails if it needs one. */
const LOADER = `export async function resolve(specifier, context, next) {
  if (/^(@temporalio|kafkajs|danfojs|zod|cli-table3|listr2)/.test(specifier)) throw new Error('loaded ' + specifier);
  return next(specifier, context);
}`;
const REGISTER = `import { register } from 'node:module'; register(${JSON.stringify(toUrl(LOADER))});`;

async function imdb(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['--import', 'tsx', '--import', toUrl(REGISTER), 'src/cli.ts', ...args],
    { cwd: ROOT, reject: false, stdin: 'ignore' },
  );
  return { exitCode, stdout, stderr };
}

function toUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

test.for([['--help'], ['run', '--help'], ['stream', 'start', '--help'], ['schedule', 'apply', '--help']])(
  'imdb %s %s loads neither clients nor schemas',
  async (args) => {
    expect(await imdb(...args)).toMatchObject({ exitCode: 0, stderr: '' });
  },
);

test.for([
  ['explain', ''],
  ['run', '--id', ' '],
  ['status', 'x'.repeat(1_001)],
  ['stream', 'status', ''],
  ['schedule', 'show', '--id', ''],
])('an id that no server accepts is refused at once: imdb %s', async (args) => {
  const { exitCode, stderr } = await imdb(...args);

  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/expected an id, got an empty text|expected at most 1000 characters, got 1001/);
});
