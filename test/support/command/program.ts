/**
 * How tests start `imdb` in a process of its own: from source, or the built program that IMDB_TEST_PROGRAM names. The
 * built program is what users install, and starts in a third of the time.
 */
export const PROGRAM: readonly string[] =
  process.env['IMDB_TEST_PROGRAM'] === undefined
    ? ['--import', 'tsx', 'src/cli.ts']
    : [process.env['IMDB_TEST_PROGRAM']];

/** Of a process of its own: what the tests were started with, and the given variables. */
export function environmentWith(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...env };
}
