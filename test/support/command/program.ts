/**
 * How tests start `imdb` in a process of its own: from source, or the built program that the variable names, which
 * starts in a third of the time and is what people install.
 */
export const PROGRAM: readonly string[] =
  process.env['IMDB_TEST_PROGRAM'] === undefined
    ? ['--import', 'tsx', 'src/cli.ts']
    : [process.env['IMDB_TEST_PROGRAM']];
